-- SPDX-License-Identifier: MIT
-- scripts/policies/rebuild-while-read.lua on the virtual clock: an hour in a moment.
local sessions = require "spec.support.sessions"

local SERVER = 700

describe("the policy rebuild-while-read", function()
  local it_session = sessions.fixture()
  before_each(function()
    it_session.proc:add(SERVER, { name = "webserver" })
    it_session.on_signal = function(pid)
      it_session.proc:finish(pid)
      return true
    end
  end)

  local function run(...)
    it_session:run({ path = "scripts/policies/rebuild-while-read.lua" }, { ... })
  end

  -- Somebody reads for a while, a request every half second; every rebuild takes no time.
  local function read_for(seconds)
    for _ = 1, seconds * 2 do
      it_session.proc:move(SERVER, { rchar = 200, wchar = 400, syscr = 1, syscw = 1 })
      it_session:advance("500ms")
      for _, command in ipairs(it_session.commands) do
        if command.members > 0 then command.finish(0) end
      end
    end
  end

  it("rebuilds nothing while nobody reads", function()
    run("webserver", "make", "10s", "1h")
    it_session:advance("30m")
    assert.equal(0, #it_session.commands)
  end)

  it("rebuilds at once when somebody reads, then at most every so often", function()
    run("webserver", "make", "10s", "1h")
    it_session:advance("5s")
    read_for(25)
    assert.equal(3, #it_session.commands)
    assert.same({ "/bin/sh", "-c", "make" }, it_session.commands[1].options.argv)
  end)

  it("rebuilds no more once the last reader is gone", function()
    run("webserver", "make", "10s", "1h")
    read_for(5)
    it_session:advance("30m")
    assert.equal(1, #it_session.commands)
  end)

  it("never ends the server unless it is told when", function()
    run(tostring(SERVER), "make")
    read_for(5)
    it_session:advance("7d")
    assert.same({}, it_session.signals)
  end)

  it("ends the server so long after the last reader", function()
    run(tostring(SERVER), "make", "10m", "1h")
    read_for(5)
    local read = it_session:now()
    it_session:advance("59m")
    assert.equal(0, #it_session.signals)
    it_session:advance("2m")
    assert.equal(1, #it_session.signals)
    assert.equal(15, it_session.signals[1].number)
    assert.is_true(it_session.signals[1].at - read >= 3600 - 1)
    assert.is_truthy(it_session:record("killed"))
  end)
end)
