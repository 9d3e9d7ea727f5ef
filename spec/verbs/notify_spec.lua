-- SPDX-License-Identifier: MIT
local uv = require "luv"
local notify = require "watchio.verbs.notify"
local sessions = require "spec.support.sessions"

local NAMES = { "PATH", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR" }

describe("notify", function()
  local it_session = sessions.fixture()
  local folder, kept
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    folder, kept = assert(uv.fs_mkdtemp("/tmp/watchio-spec-XXXXXX")), {}
    for _, name in ipairs(NAMES) do
      kept[name] = os.getenv(name)
      uv.os_unsetenv(name)
    end
    uv.os_setenv("PATH", folder)
  end)
  after_each(function()
    for _, name in ipairs(NAMES) do
      if kept[name] then
        uv.os_setenv(name, kept[name])
      else
        uv.os_unsetenv(name)
      end
    end
    os.execute("rm -rf '" .. folder .. "'")
  end)

  local function install()
    assert(io.open(folder .. "/notify-send", "w")):close()
    assert(uv.fs_chmod(folder .. "/notify-send", tonumber("755", 8)))
  end

  local function notified(text)
    it_session.verbs.watch { 10, label = "pages", on_start = it_session.verbs.notify(text) }
    it_session:advance "1s"
    return it_session.commands[1]
  end

  it("runs notify-send with the label as title, and tells it", function()
    install()
    uv.os_setenv("DISPLAY", ":0")
    local command = notified "disk full"
    assert.same(
      { folder .. "/notify-send", "--app-name=watchio", "--", "pages", "disk full" },
      command.options.argv
    )
    assert.equal("null", command.options.output)
    command.finish(0)
    assert.equal("start notify", it_session:told())
    assert.equal("disk full", it_session:record("notify").message)
  end)

  for where, set in pairs {
    ["there is no desktop"] = install,
    ["there is no notify-send"] = function() uv.os_setenv("DISPLAY", ":0") end,
    ["the bus is not there"] = function()
      install()
      uv.os_setenv("XDG_RUNTIME_DIR", folder)
    end,
  } do
    it(("writes a line where %s"):format(where), function()
      set()
      assert.is_nil(notified "disk full")
      assert.equal("start log", it_session:told())
    end)
  end

  it("writes a line when it fails or takes too long", function()
    install()
    uv.os_setenv("DISPLAY", ":0")
    notified("disk full").finish(1)
    assert.equal("start log", it_session:told())
    it_session.verbs.after("1s", it_session.verbs.notify "again")
    it_session:advance "12s"
    assert.equal(2, #it_session.commands[2].signals) -- TERM, and KILL after five more seconds
    it_session.commands[2].finish(0, 9)
    it_session:advance "1s"
    assert.equal("start log log", it_session:told())
  end)

  it("writes a line when it cannot be started", function()
    install()
    uv.os_setenv("DISPLAY", ":0")
    it_session.cannot_spawn = "no"
    notified "disk full"
    assert.equal("start log", it_session:told())
  end)

  it("is done where a handler says it", function()
    install()
    uv.os_setenv("DISPLAY", ":0")
    it_session.verbs.watch {
      10,
      on_start = function(target) it_session.verbs.notify("%s is here", target.name) end,
    }
    it_session:advance "1s"
    assert.equal("web is here", it_session.commands[1].options.argv[5])
  end)

  it(
    "leaves nothing in a text that a name could use",
    function()
      assert.equal(
        "&lt;b&gt;a &amp; b\\\\n \\\\x1b[1m\n€",
        notify.body("<b>a & b\\n \27[1m\n€")
      )
    end
  )
end)
