-- SPDX-License-Identifier: MIT
local uv = require "luv"
local sessions = require "spec.support.sessions"

local TERM, KILL = uv.constants.SIGTERM, uv.constants.SIGKILL

describe("kill", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10, { name = "web" }) end)

  local function kill_when_idle(options)
    it_session.verbs.watch { 10, idle = "10s", on_idle = it_session.verbs.kill(options) }
  end

  local function ends_at(signal)
    it_session.on_signal = function(pid, number)
      if number == signal then it_session.proc:finish(pid) end
      return true
    end
  end

  it("sends TERM and reports when the process is gone", function()
    ends_at(TERM)
    kill_when_idle()
    it_session:advance("1m")
    assert.equal("start idle kill killed exit", it_session:told())
    assert.equal("TERM", it_session:record("killed").signal)
  end)

  describe("of one that wants to run when it is to be ended", function()
    -- What the engine answers, one question after the other; then "no".
    local function answer(answers)
      local real = it_session.session.monitor
      local monitor = { starves = function() return table.remove(answers, 1) or "no" end }
      it_session.session.monitor = setmetatable(monitor, {
        __index = function(_, name)
          return function(_, ...) return real[name](real, ...) end
        end,
      })
    end

    it("spares it when it does not come to it", function()
      answer { "perhaps", "yes" }
      kill_when_idle()
      it_session:advance("15s")
      assert.equal("start idle spared", it_session:told())
      assert.equal("it waits for the cpu", it_session:record("spared").reason)
      assert.near(10.1, it_session:record("spared").at, 0.001)
      assert.same({}, it_session.signals)
    end)

    it("ends it when it comes to it", function()
      ends_at(TERM)
      answer { "perhaps", "no" }
      kill_when_idle()
      it_session:advance("15s")
      assert.equal("start idle kill killed exit", it_session:told())
    end)

    it("spares it when it has done something meanwhile", function()
      answer { "perhaps", "no" }
      kill_when_idle()
      it_session.verbs.after("10.05s", function() it_session.proc:run(10, 20) end)
      it_session:advance("10.5s")
      assert.equal("it moved again", it_session:record("spared").reason)
    end)
  end)

  it("sends KILL after the grace", function()
    ends_at(KILL)
    kill_when_idle { grace = "3s" }
    it_session:advance("1m")
    assert.equal(
      "start idle kill kill killed",
      it_session:told { "start", "idle", "kill", "killed" }
    )
    assert.same({ TERM, KILL }, { it_session.signals[1].number, it_session.signals[2].number })
    assert.near(3, it_session.signals[2].at - it_session.signals[1].at, 0.001)
  end)

  it("reports a process that survives KILL, and again when it is gone", function()
    kill_when_idle { signal = "INT", grace = "1s" }
    it_session:advance("1m")
    assert.equal("kill kill error", it_session:told { "kill", "killed", "error" })
    assert.equal(uv.constants.SIGINT, it_session.signals[1].number)
    it_session.proc:finish(10)
    it_session:advance("2m")
    assert.equal("kill kill error killed", it_session:told { "kill", "killed", "error" })
  end)

  it("spares what moved since it was found idle", function()
    local handler = it_session.verbs.kill()
    it_session.verbs.watch {
      10,
      idle = "10s",
      on_idle = { function() it_session.proc:move(10, { rchar = 1 }) end, handler },
    }
    it_session:advance("15s")
    assert.equal("start idle spared active", it_session:told())
    assert.same({}, it_session.signals)
  end)

  it("spares what has become another program", function()
    it_session.proc:exec(10, "database")
    it_session.verbs.watch {
      name = "data*",
      on_active = { function() it_session.proc:exec(10, "other") end, it_session.verbs.kill() },
    }
    it_session:advance("2s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("2s")
    assert.equal("start active spared leave", it_session:told())
    assert.equal("it is another program now", it_session:record("spared").reason)
    assert.same({}, it_session.signals)
  end)

  it("spares what has left its watch meanwhile", function()
    it_session.proc:exec(10, "database")
    it_session.verbs.watch {
      name = "data*",
      on_active = function(target)
        it_session.verbs.after("5s", function() target:kill() end)
      end,
    }
    it_session:advance("2s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("2s")
    it_session.proc:exec(10, "other")
    it_session:advance("10s")
    assert.equal("start active leave spared", it_session:told())
    assert.same({}, it_session.signals)
  end)

  it("spares what was active since, though it is idle again by now", function()
    it_session.verbs.watch { 10, idle = "10s", on_idle = { "save", it_session.verbs.kill() } }
    it_session:advance("12s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("20s")
    assert.equal("start idle run active idle skip", it_session:told())
    it_session.commands[1].finish(0)
    assert.equal("start idle run active idle skip done spared", it_session:told())
    assert.same({}, it_session.signals)
  end)

  it("spares what cannot be read any more", function()
    it_session.verbs.watch {
      10,
      idle = "10s",
      on_idle = { function() it_session.proc:deny(10) end, it_session.verbs.kill() },
    }
    it_session:advance("15s")
    assert.equal("start idle spared unreadable", it_session:told())
  end)

  it("tells when it is refused", function()
    it_session.on_signal = function() return nil, "it is an ancestor of watchio", "EPERM" end
    kill_when_idle()
    it_session:advance("1m")
    assert.equal("start idle refused", it_session:told())
    assert.equal("it is an ancestor of watchio", it_session:record("refused").reason)
  end)

  it("joins a kill that is under way", function()
    ends_at(KILL)
    local results = {}
    it_session.verbs.watch {
      10,
      on_start = function(target)
        for number = 1, 2 do
          it_session.verbs.after(
            "1s",
            function() results[number] = target:kill { grace = "5s" } end
          )
        end
      end,
    }
    it_session:advance("3s")
    assert.equal(1, #it_session.signals)
    assert.same({}, results)
    it_session:advance("10s")
    assert.same({ true, true }, results)
    assert.equal(2, #it_session.signals)
  end)

  it("is done when the target has ended already", function()
    local result
    it_session.verbs.watch { 10, on_exit = function(target) result = target:kill() end }
    it_session:advance("2s")
    it_session.proc:finish(10)
    it_session:advance("2s")
    assert.is_true(result)
    assert.equal("start exit", it_session:told())
  end)

  describe("under way when the session ends", function()
    local ended
    before_each(function()
      ended = false
      ends_at(KILL)
      kill_when_idle { grace = "10s" }
      it_session:advance("11s")
      it_session.session:finish(function() ended = true end)
    end)

    it("comes to its end first", function()
      it_session:advance("8s")
      assert.equal("start idle kill", it_session:told())
      it_session:advance("3s")
      assert.equal("start idle kill kill killed", it_session:told())
      assert.is_true(ended)
      assert.is_nil(it_session.session.monitor:due())
    end)

    it("gets no more grace when the session hurries", function()
      it_session.session:hurry()
      it_session:advance("1s")
      assert.equal("start idle kill kill killed", it_session:told())
      assert.is_true(ended)
    end)
  end)

  it("is not begun once the session ends", function()
    it_session.verbs.watch { 10, idle = "10s", on_idle = { "save", it_session.verbs.kill() } }
    it_session:advance("12s")
    it_session.session:finish(function() end)
    it_session.commands[1].finish(0)
    assert.equal("start idle run done", it_session:told())
    assert.same({}, it_session.signals)
  end)

  describe("of less than a tree", function()
    local watched
    before_each(function()
      ends_at(TERM)
      it_session.proc:add(11, { name = "make", ppid = 10 })
      watched = { pid = 10, per = "process", idle = "10s", on_idle = it_session.verbs.kill() }
    end)

    local function work(pid, seconds)
      for _ = 1, seconds do
        it_session.proc:run(pid, 20)
        it_session:advance("1s")
      end
    end

    for _, per in ipairs { "process", "name", "user", "unit", "all" } do
      it("spares what has an active descendant, per = " .. per, function()
        it_session.proc:add(12, { name = "cc", ppid = 11, uid = 12 })
        watched.per = per
        it_session.verbs.watch(watched)
        work(12, 30)
        assert.equal("start idle log spared", it_session:told())
        assert.equal(
          "cc[12], which it has started, is active",
          it_session:record("spared").reason
        )
        assert.same({}, it_session.signals)
      end)
    end

    it("ends it once its descendants have been idle for as long", function()
      it_session.verbs.watch(watched)
      it_session:advance("15s")
      assert.equal(
        "ended once make[11], which it has started, has been idle for 10s, too",
        it_session:record("log").message
      )
      assert.same({}, it_session.signals)
      it_session:advance("10s")
      assert.equal("start idle log kill killed exit", it_session:told())
      assert.same({ 10, TERM }, { it_session.signals[1].pid, it_session.signals[1].number })
      assert.equal(1, #it_session.signals)
    end)

    it("ends it at once where its watch knows that they are idle", function()
      watched.pid = { 10, 11 }
      it_session.verbs.watch(watched)
      it_session:advance("12s")
      assert.equal(
        "idle kill killed idle kill killed",
        it_session:told { "idle", "log", "kill", "killed" }
      )
    end)

    it("spares it where its watch knows that one is active", function()
      it_session.verbs.watch {
        pid = { 10, 11 },
        per = "process",
        idle = "10s",
        on_idle = it_session.verbs.kill(),
      }
      work(11, 12)
      assert.equal("idle spared", it_session:told { "idle", "log", "spared", "kill" })
    end)

    it("spares it when one is started meanwhile and active", function()
      it_session.verbs.watch(watched)
      it_session:advance("15s")
      it_session.proc:add(13, { name = "ld", ppid = 11 })
      work(13, 15)
      assert.equal(
        "ld[13], which it has started, is active",
        it_session:record("spared").reason
      )
    end)

    it("spares it when it moved itself meanwhile", function()
      it_session.verbs.watch(watched)
      it_session:advance("15s")
      it_session.proc:run(10, 20)
      it_session:advance("7s")
      assert.equal("it moved again", it_session:record("spared").reason)
    end)

    it("spares it while the counters of one cannot be read", function()
      it_session.proc:deny(11)
      it_session.verbs.watch(watched)
      it_session:advance("30s")
      assert.equal(
        "make[11], which it has started, cannot be read",
        it_session:record("spared").reason
      )
    end)

    it("asks whatever it is ended for, and after the time that shows who is active", function()
      watched.on_idle, watched.on_active = nil, it_session.verbs.kill()
      it_session.verbs.watch(watched)
      it_session:advance("1s")
      it_session.proc:run(10, 20)
      it_session:advance("4s")
      assert.equal("start active kill killed exit", it_session:told())
    end)

    it("does not ask where the process alone is meant", function()
      watched.on_idle = it_session.verbs.kill { alone = true }
      it_session.verbs.watch(watched)
      work(11, 15)
      assert.equal("start idle kill killed exit", it_session:told())
    end)

    it("does not ask of a tree, which is judged with them", function()
      watched.per = nil
      it_session.verbs.watch(watched)
      it_session:advance("12s")
      assert.equal("idle kill killed", it_session:told { "idle", "log", "kill", "killed" })
    end)

    it("is not begun once the session ends", function()
      it_session.verbs.watch(watched)
      it_session:advance("15s")
      it_session.session:finish(function() end)
      it_session:advance("30s")
      assert.same({}, it_session.signals)
    end)
  end)

  it("raises without a target", function()
    it_session.verbs.after("1s", it_session.verbs.kill())
    it_session:advance("1s")
    assert.matches("kill: there is no target here", it_session:record("error").reason)
  end)
end)
