-- SPDX-License-Identifier: MIT
local uv = require "luv"
local leaks = require "spec.support.leaks"
local with_session = require "watchio.cli.with_session"

describe("the session of a command", function()
  local before
  before_each(function() before = leaks.before() end)
  after_each(function() leaks.check(before) end)

  it("is given to the command with its arguments, and closed behind it", function()
    local used
    local function command(own, ...)
      used = own
      assert.is_nil(own.closed)
      assert.same({ "options", 7 }, { ... })
      return 3, "nothing to watch"
    end
    assert.same({ 3, "nothing to watch" }, { with_session({}, command, "options", 7) })
    assert.is_true(used.closed)
  end)

  it("is made with the options", function()
    local function is_dry(own) return own.dry end
    assert.is_true(with_session({ dry = true, virtual = true }, is_dry))
  end)

  it("is closed after an error, which goes on", function()
    local used
    local ok, message = pcall(with_session, {}, function(own)
      used = own
      own.monitor:watch { pids = { uv.os_getpid() }, every_ns = 1000000000, events = {} }
      error("broken", 0)
    end)
    assert.same({ false, "broken" }, { ok, message })
    assert.is_true(used.closed)
  end)
end)
