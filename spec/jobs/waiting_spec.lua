-- SPDX-License-Identifier: MIT
-- Waiting for a state of several targets, on a fake /proc and the virtual clock.
local sessions = require "spec.support.sessions"
local targets = require "watchio.cli.targets"
local waiting = require "watchio.jobs.waiting"

local SECOND = 1000000000

describe("waiting", function()
  local it_session = sessions.fixture()
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    it_session.proc:add(11, { name = "web" })
  end)

  -- What a process does after some time, as the clock moves.
  local function later(duration, act) it_session.verbs.after(duration, act) end

  local function wait(state, options, ...)
    local selectors = { ... }
    if #selectors == 0 then selectors = { { name = "web" } } end
    local native = targets.native(it_session.session, selectors)
    return waiting.wait(it_session.session, state, native, {
      per = options.per or "tree",
      every_ns = SECOND,
      quiet_ns = options.quiet and math.tointeger(options.quiet * SECOND),
      timeout_ns = options.timeout and options.timeout * SECOND,
    })
  end

  local function stirs(pid)
    return function() it_session.proc:move(pid, { rchar = 1 << 20 }) end
  end

  it("for idle ends when all have been quiet for so long, not earlier", function()
    later("3.5s", stirs(11))
    assert.equal("done", (wait("idle", { quiet = 5 })))
    local now = it_session:now()
    assert.is_true(now >= 8.5 and now <= 10, now)
  end)

  it("for idle asks those that were idle before once more", function()
    -- 10 is idle at 4.5 s, 11 at 8.5 s; 10 moves just before, which no sample shows yet.
    later("3.5s", stirs(11))
    later("8.2s", stirs(10))
    assert.equal("done", (wait("idle", { quiet = 4.5 })))
    assert.is_true(it_session:now() >= 12.7, it_session:now())
  end)

  it("for idle takes in who comes meanwhile", function()
    later("4s", function() it_session.proc:add(12, { name = "web" }) end)
    assert.equal("done", (wait("idle", { quiet = 5 })))
    assert.is_true(it_session:now() >= 9, it_session:now())
  end)

  it("for idle needs somebody to be left", function()
    later("2s", function() it_session.proc:finish(10) end)
    later("3s", function() it_session.proc:finish(11) end)
    assert.same({ "nothing", "nothing is left to watch" }, { wait("idle", { quiet = 5 }) })
    assert.is_true(it_session:now() <= 4)
  end)

  it("for idle goes on with the others when one has ended", function()
    later("4.5s", stirs(10))
    later("7s", function() it_session.proc:finish(10) end)
    assert.equal("done", (wait("idle", { quiet = 5 })))
    assert.is_true(it_session:now() >= 7 and it_session:now() <= 8.1, it_session:now())
  end)

  it("for idle never takes for quiet what it cannot read", function()
    later("2s", function() it_session.proc:deny(11) end)
    assert.same(
      { "unknown", "web[11] cannot be read, so it is not known to be idle" },
      { wait("idle", { quiet = 5 }) }
    )
  end)

  it("for active ends with the first that is", function()
    later("3.5s", stirs(11))
    assert.equal("done", (wait("active", {})))
    assert.is_true(it_session:now() >= 3.5 and it_session:now() <= 5, it_session:now())
  end)

  it("for active tells that not all could be read, at the end of its time", function()
    it_session.proc:deny(11)
    assert.same(
      { "unknown", "none of them was active, but web[11] cannot be read" },
      { wait("active", { timeout = 10 }) }
    )
    assert.near(10, it_session:now(), 0.1)
  end)

  it("for exit ends when all have ended", function()
    later("2s", function() it_session.proc:finish(10) end)
    later("4s", function() it_session.proc:finish(11) end)
    assert.equal("done", (wait("exit", {})))
    assert.is_true(it_session:now() >= 4 and it_session:now() <= 5.1, it_session:now())
  end)

  it("for exit follows what becomes another program", function()
    later("1s", function() it_session.proc:finish(10) end)
    later("2s", function() it_session.proc:exec(11, "other") end)
    later("99s", function() it_session.proc:finish(11) end)
    assert.equal("done", (wait("exit", { per = "process" })))
    assert.is_true(it_session:now() >= 99, it_session:now())
  end)

  it("for exit ends at once when what was named has ended meanwhile", function()
    it_session.proc:finish(10)
    assert.equal("done", (wait("exit", {}, { pid = 10 })))
    assert.is_true(it_session:now() < 1)
  end)

  local timeouts = {
    { "idle", { quiet = 60, timeout = 10 }, "web[10] is not idle after 10s" },
    { "active", { timeout = 10 }, "none of them was active after 10s" },
    { "exit", { timeout = 10 }, "web[10] has not ended after 10s" },
    { "exit", { timeout = 0 }, "web[10] has not ended after 0ms" },
  }
  for _, case in ipairs(timeouts) do
    local state, options, reason = table.unpack(case)
    it(
      ("for %s ends after %d s, and tells what kept it back"):format(state, options.timeout),
      function()
        assert.same({ "timeout", reason }, { wait(state, options) })
        assert.near(options.timeout, it_session:now(), 0.1)
      end
    )
  end
end)
