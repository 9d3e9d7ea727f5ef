-- SPDX-License-Identifier: MIT
local uv = require "luv"
local style = require "watchio.show.style"

local NAMES = { "NO_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG" }

describe("a terminal", function()
  local before, guess_handle = {}, uv.guess_handle
  before_each(function()
    for _, name in ipairs(NAMES) do
      before[name] = os.getenv(name)
      uv.os_unsetenv(name)
    end
  end)
  after_each(function()
    uv.guess_handle = guess_handle
    for _, name in ipairs(NAMES) do
      uv.os_unsetenv(name)
      if before[name] then uv.os_setenv(name, before[name]) end
    end
  end)

  local function set(environment)
    for name, value in pairs(environment) do
      uv.os_setenv(name, value)
    end
  end

  for what, case in pairs {
    ["on a terminal"] = { {}, "tty", true },
    ["on one of a type"] = { { TERM = "xterm" }, "tty", true },
    ["but not on a dumb one"] = { { TERM = "dumb" }, "tty", false },
    ["but not with NO_COLOR"] = { { TERM = "xterm", NO_COLOR = "1" }, "tty", false },
    ["with an empty NO_COLOR"] = { { TERM = "xterm", NO_COLOR = "" }, "tty", true },
    ["but not in a pipe"] = { { TERM = "xterm" }, "pipe", false },
    ["but not in a file"] = { { TERM = "xterm" }, "file", false },
  } do
    it("has colour " .. what, function()
      set(case[1])
      uv.guess_handle = function() return case[2] end
      assert.equal(case[3], style.wants_colour(1))
    end)
  end

  for what, case in pairs {
    ["UTF-8 where its locale says so"] = { { LANG = "de_DE.UTF-8" }, true },
    ["UTF-8 by its other name"] = { { LANG = "C.utf8" }, true },
    ["ASCII in the plain locale"] = { { LANG = "C" }, false },
    ["ASCII without a locale"] = { {}, false },
    ["what LC_ALL says before all"] = { { LC_ALL = "C", LANG = "C.UTF-8" }, false },
    ["what LC_CTYPE says before LANG"] = { { LC_CTYPE = "C.UTF-8", LANG = "C" }, true },
    ["what LANG says behind an empty LC_ALL"] = { { LC_ALL = "", LANG = "C.UTF-8" }, true },
  } do
    it("shows " .. what, function()
      set(case[1])
      assert.equal(case[2], style.is_utf8())
    end)
  end
end)
