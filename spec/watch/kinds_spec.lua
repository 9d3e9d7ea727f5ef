-- SPDX-License-Identifier: MIT
-- What counts as activity, and how much of it is only noise.
local sessions = require "spec.support.sessions"

describe("a watch", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10) end)

  local function watch(options) return it_session.verbs.watch(options) end
  local function proc() return it_session.proc end

  it("is active when its process only runs", function()
    local seen
    watch { 10, on_active = function(_, event) seen = event end }
    it_session:advance("3s")
    proc():run(10, 5)
    it_session:advance("1s")
    assert.equal("start active", it_session:told())
    assert.same({ cpu = { cpu = 0.05 } }, seen.why)
    assert.equal(0.05, seen.total.cpu)
    assert.equal(0.05, seen.rate.cpu)
  end)

  it("counts what it is told to, and nothing else", function()
    watch { 10, counts = "io", idle = "5s" }
    it_session:advance("2s")
    proc():run(10, 500)
    it_session:advance("10s")
    assert.equal("start idle", it_session:told())
    proc():move(10, { wchar = 1 })
    it_session:advance("1s")
    assert.equal("start idle active", it_session:told())
    assert.same({ wchar = 1 }, it_session:record("active").why.io)
    assert.is_nil(it_session:record("active").total.cpu)
  end)

  it("becomes idle above the silence and below its floors", function()
    watch { 10, idle = "10s", floor = { io = "4KB/s", calls = "20/s", cpu = "50%" } }
    for _ = 1, 30 do
      proc():move(10, { rchar = 3000, syscr = 12 })
      proc():run(10, 20)
      it_session:advance("1s")
    end
    assert.equal("start idle", it_session:told())
    proc():move(10, { syscr = 21 })
    it_session:advance("1s")
    assert.equal("start idle active", it_session:told())
  end)

  local moves = {
    io = function() proc():move(10, { rchar = 4001 }) end,
    calls = function() proc():move(10, { syscw = 21 }) end,
    cpu = function() proc():run(10, 51) end,
  }
  for kind, move in pairs(moves) do
    it("is above its floor of " .. kind .. " by one", function()
      watch { 10, floor = { io = "4KB/s", calls = "20/s", cpu = "50%" } }
      it_session:advance("3s")
      move()
      it_session:advance("1s")
      assert.equal("start active", it_session:told())
    end)
  end

  it("tells rates by the time that really passed", function()
    watch { 10, every = "4s", counts = { "io" } }
    it_session:advance("8s")
    proc():move(10, { wchar = 1000 })
    it_session:advance("4s")
    assert.equal(250, it_session:record("active").rate.wchar)
  end)

  it("tells a target's rates since they were asked before", function()
    local watched = watch { 10, every = "1s" }
    it_session:advance("2s")
    local on = watched:targets()[1]
    proc():move(10, { wchar = 1000 })
    it_session:advance("2s")
    local lived = it_session:now() - it_session.records[1].at
    assert.equal(1000 / lived, on.rate.wchar)
    assert.equal(1000 / lived, on.rate.wchar) -- asked again at once, the same
    proc():move(10, { wchar = 500 })
    it_session:advance("5s")
    assert.equal(100, on.rate.wchar)
    assert.equal(0, on.rate.cpu)
    assert.has_error(function() return on.rate.wchars end)
  end)

  it("says of what cannot be read which kind it is", function()
    proc():deny(10)
    local watched = watch { 10, idle = "5s" }
    it_session:advance("60s")
    assert.equal("start unreadable", it_session:told())
    assert.matches("its counters", it_session:record("unreadable").reason)
    assert.equal("io", it_session:record("unreadable").kind)
    proc():run(10, 1) -- what can be read still shows activity
    it_session:advance("1s")
    assert.equal("start unreadable active", it_session:told())
    it_session:advance("60s")
    assert.equal("start unreadable active", it_session:told())
    assert.equal("unknown", watched:targets()[1].state)
  end)

  it("is never idle by a kind that does not count", function()
    proc():deny(10)
    watch { 10, idle = "5s", counts = { "cpu" } }
    it_session:advance("10s")
    assert.equal("start idle", it_session:told())
  end)

  it("does its rounds only while it is known to be active", function()
    local rounds = 0
    watch {
      10,
      idle = "5s",
      while_active = { every = "10s", function() rounds = rounds + 1 end },
    }
    it_session:advance("1s")
    proc():deny(10)
    proc():run(10, 1)
    it_session:advance("1s")
    assert.equal(1, rounds)
    it_session:advance("5m")
    assert.equal(1, rounds)
  end)
end)
