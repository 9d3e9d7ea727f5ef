-- SPDX-License-Identifier: MIT
-- Who waits in the kernel, or for a processor, when idleness is decided is not idle.
local sessions = require "spec.support.sessions"

describe("a target", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10, { name = "job" }) end)

  local function run(options)
    local policy = [[watch { "job", idle = "60s", every = "1s", %s }]]
    it_session:run { text = policy:format(options or "") }
  end

  -- It was active once, so that it is told of as waiting; a new one is told of as active.
  local function begin_active()
    run()
    it_session:advance("1s")
    it_session.proc:move(10, { wchar = 100, syscw = 1 })
    it_session:advance("1s")
    assert.equal("start active", it_session:told())
    it_session.records = {}
  end

  it("that waits in the kernel is not idle, and is quiet from then on", function()
    begin_active()
    it_session.proc:become(10, "D")
    it_session:advance("60s")
    assert.equal("waiting", it_session:told())
    local waiting = it_session:record("waiting")
    assert.equal("kernel", waiting.waits_for)
    assert.equal("process 10 is waiting in the kernel (state D)", waiting.reason)
    assert.equal(60, waiting.idle_for)
    it_session.proc:become(10, "S")
    it_session:advance("59s")
    assert.equal("waiting", it_session:told())
    it_session:advance("1s")
    assert.equal("waiting idle", it_session:told())
    assert.equal(60, it_session:record("idle").idle_for)
  end)

  it("is told of once for each time that it would have been idle, active at first", function()
    run()
    it_session.proc:become(10, "D")
    it_session:advance("200s")
    assert.equal("start active waiting waiting", it_session:told())
    assert.matches("^process 10 is waiting in the kernel", it_session:record("active").reason)
  end)

  it("is not told of as waiting when it is asked about while it is active", function()
    it_session:run {
      text = [[watch { "job", idle = "60s", every = "1s",
      on_active = throttle { write = "1KB/s" } }]],
    }
    it_session:advance("1s")
    it_session.proc:move(10, { wchar = 100, syscw = 1 })
    it_session:advance("1s")
    it_session.proc:become(10, "D")
    it_session:advance("30s")
    assert.equal("start active", it_session:told())
    it_session:advance("30s")
    assert.equal("start active waiting", it_session:told())
  end)

  it("is not idle while a descendant of it waits", function()
    it_session.proc:add(11, { name = "child", ppid = 10, state = "D" })
    run()
    it_session:advance("60s")
    assert.matches("^process 11 is waiting", it_session:record("active").reason)
  end)

  for state, means in pairs { T = "is stopped", S = "sleeps", t = "is traced", I = "rests" } do
    it("that " .. means .. " is idle", function()
      run()
      it_session.proc:become(10, state)
      it_session:advance("60s")
      assert.equal("start idle", it_session:told())
    end)
  end

  it("that wants to run, and does so a little later again, is not idle", function()
    run()
    it_session.proc:become(10, "R")
    it_session:advance("60s")
    assert.equal("start", it_session:told())
    it_session:advance("100ms")
    assert.equal("start active", it_session:told())
    assert.equal("process 10 is waiting for the cpu", it_session:record("active").reason)
  end)

  it("that wanted to run for a moment only is idle a little later", function()
    run()
    it_session.proc:become(10, "R")
    it_session:advance("60s")
    it_session.proc:become(10, "S")
    it_session:advance("100ms")
    assert.equal("start idle", it_session:told())
  end)

  it("that waits in the kernel when it is to be ended is active again, and spared", function()
    run 'on_idle = { sleep "5s", kill {} }'
    it_session:advance("60s")
    it_session.proc:become(10, "D")
    it_session:advance("5s")
    assert.equal("start idle spared active", it_session:told())
    assert.matches("^process 10 is waiting in the kernel", it_session:record("active").reason)
    it_session.proc:become(10, "S")
    it_session:advance("70s")
    assert.same(15, it_session.signals[1].number)
  end)
end)
