-- SPDX-License-Identifier: MIT
-- What a session offers to the modules that act in it.
local sessions = require "spec.support.sessions"

describe("a session", function()
  local it_session = sessions.fixture()
  local own, told
  before_each(function()
    own, told = it_session.session, {}
    it_session.proc:add(10, { name = "web" })
  end)

  local function tell(what)
    return function() told[#told + 1] = what end
  end

  local function web()
    local watch = it_session.verbs.watch { "web", idle = "2s" }
    it_session:advance(0)
    return watch:targets()[1], watch
  end

  it(
    "calls when something becomes of a target, in the order in which it was asked to",
    function()
      local on = web()
      own:follow(on, function() told[#told + 1] = "first " .. on.state end)
      local unfollow = own:follow(on, tell "second")
      it_session:advance "2s"
      assert.same({ "first idle", "second" }, told)
      unfollow()
      unfollow()
      it_session.proc:finish(10)
      it_session:advance "2s"
      assert.same({ "first idle", "second", "first exited" }, told)
    end
  )

  it("calls also when the watch of a target has stopped, and then judges it no more", function()
    local on, watch = web()
    own:follow(on, function() told[#told + 1] = own.targets[on.id] or "gone" end)
    watch:stop()
    assert.same({ "gone" }, told)
  end)

  it("has one function called as often as it was given", function()
    local on, act = web(), tell "it"
    local unfollow = own:follow(on, act)
    own:follow(on, act)
    unfollow()
    own:tell_followers(on)
    assert.same({ "it" }, told)
  end)

  it("is over when what is under way has come to its end", function()
    local command = { kind = "command", terminate = tell "TERM", kill = tell "KILL" }
    local ending = { kind = "kill", close = tell "close" }
    own:begin_work(command)
    own:begin_work(ending)
    assert.same({ command }, own:works "command")
    own:at_end(tell "end")
    own:finish(tell "over")
    assert.same({ "end", "TERM" }, told)
    own:hurry()
    own:end_work(command)
    assert.is_true(own:is_working())
    own:end_work(ending)
    own:end_work(ending)
    assert.same({ "end", "TERM", "KILL", "over" }, told)
  end)

  it("closes what is under way when it is closed itself", function()
    own:at_end(tell "end")
    own:begin_work { kind = "kill", close = tell "close" }
    own:close()
    own:close()
    assert.same({ "end", "close" }, told)
  end)

  it("rings only for work while it finishes", function()
    own:alarm(1, tell "other")
    own:alarm(1, tell "work", true)
    own:begin_work { kind = "kill" }
    own:finish(function() end)
    it_session:advance "1s"
    assert.same({ "work" }, told)
    assert.is_nil(next(own.alarms_of_work))
  end)
end)
