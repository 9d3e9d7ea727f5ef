-- SPDX-License-Identifier: MIT
-- What is done to a target bit by bit: what else may happen meanwhile, and in which order.
local sessions = require "spec.support.sessions"
local stop = require "watchio.verbs.stop"
local uv = require "luv"

local names = {
  [uv.constants.SIGSTOP] = "STOP",
  [uv.constants.SIGCONT] = "CONT",
  [uv.constants.SIGTERM] = "TERM",
  [uv.constants.SIGHUP] = "HUP",
}

describe("a hunt", function()
  local it_session = sessions.fixture()
  local verbs, proc, watch, target

  before_each(function()
    it_session:reopen()
    verbs, proc = it_session.verbs, it_session.proc
    proc:add(10, { name = "job" })
    it_session.slices = 5
    watch = verbs.watch { "job", every = "1h" }
    it_session:advance("1s")
    target = watch:targets()[1]
  end)

  -- What was sent so far.
  local function sent()
    local list = {}
    for _, signal in ipairs(it_session.signals) do
      list[#list + 1] = names[signal.number]
    end
    return table.concat(list, " ")
  end

  local function after(span, act) verbs.after(span, act) end

  it("lets time go on until it is done", function()
    local rang
    after("1ms", function() target:signal "HUP" end)
    after("3ms", function() rang = sent() end)
    it_session:advance("1s")
    assert.equal("", rang)
    assert.equal("HUP", sent())
  end)

  it("of the same target waits for the one before", function()
    after("1ms", function() target:stop() end)
    after("2ms", function() target:cont() end)
    after("3ms", function() target:signal "HUP" end)
    it_session:advance("1s")
    assert.equal("STOP CONT HUP", sent())
    assert.is_nil(stop.held(it_session.session, target))
  end)

  it("twice of what is held comes to its end twice", function()
    local done = 0
    target:stop()
    for _ = 1, 2 do
      after("1ms", function()
        if target:stop() then done = done + 1 end
      end)
    end
    it_session:advance("1s")
    assert.equal(2, done)
    assert.equal("STOP STOP STOP", sent())
  end)

  it("of a kill waits for one before, too", function()
    it_session.on_signal = function(pid, number)
      if names[number] == "TERM" then proc:finish(pid) end
      return true
    end
    after("1ms", function() target:signal "HUP" end)
    after("2ms", function() target:kill() end)
    it_session:advance("1s")
    assert.equal("HUP TERM", sent())
    assert.equal("start signal kill killed exit", it_session:told())
  end)

  it("that stops a target continues it when its watch has stopped meanwhile", function()
    local result
    after("1ms", function() result = { target:stop() } end)
    after("3ms", function() watch:stop() end)
    it_session:advance("1s")
    assert.equal("STOP CONT", sent())
    assert.same({ nil, "its watch has stopped", "ESRCH" }, result)
    assert.is_nil(stop.held(it_session.session, target))
  end)

  it("is given up when watchio ends", function()
    after("1ms", function() target:stop() end)
    it_session:advance("3ms")
    it_session.session:finish(function() end)
    it_session:advance("1s")
    assert.equal("start", it_session:told())
    assert.equal("", sent())
    assert.is_nil(stop.held(it_session.session, target))
  end)

  it("of a kill comes to its end when watchio ends", function()
    it_session.on_signal = function(pid)
      proc:finish(pid)
      return true
    end
    local done = false
    after("1ms", function() target:kill() end)
    it_session:advance("3ms")
    it_session.session:finish(function() done = true end)
    it_session:advance("1s")
    assert.equal("TERM", sent())
    assert.is_true(done)
  end)

  it("is done in one piece where nobody can wait", function()
    assert.is_true(target:signal "HUP")
    assert.equal("HUP", sent())
  end)
end)
