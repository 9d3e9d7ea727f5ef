-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"

describe("after and every", function()
  local it_session = sessions.fixture()

  local function times()
    local list = {}
    for _, record in ipairs(it_session.records) do
      list[#list + 1] = record.at
    end
    return list
  end

  it("act once, or again and again on a fixed schedule", function()
    local log = it_session.verbs.log
    it_session.verbs.after("90s", log "once")
    it_session.verbs.every("1m", log "minute")
    it_session:advance("3m")
    assert.same({ 60, 90, 120, 180 }, times())
    assert.equal("log", it_session:told():match("%a+"))
  end)

  it("tell their action what it is done for", function()
    local seen
    it_session.verbs.after(
      "2s",
      function(target, event) seen = { target, event.type, event.time } end
    )
    it_session:advance("2s")
    assert.same({ nil, "after", 2.0 }, seen)
  end)

  it("stop, twice as well", function()
    local log = it_session.verbs.log
    for _, verb in ipairs { "after", "every" } do
      local handle = it_session.verbs[verb]("1s", log "x")
      handle:stop()
      handle:stop()
    end
    it_session:advance("1m")
    assert.same({}, times())
    assert.is_nil(it_session.session.monitor:due())
  end)

  it("may stop themselves", function()
    local handle
    handle = it_session.verbs.every("1s", function()
      it_session.verbs.log "tick"()
      handle:stop()
    end)
    it_session:advance("1m")
    assert.same({ 1 }, times())
  end)

  it("take no memory once they have rung or were stopped", function()
    local function ring_many()
      for _ = 1, 1000 do
        it_session.verbs.after(0, function() end)
        it_session.verbs.every("1s", function() end):stop()
      end
      it_session:advance("1ms")
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    ring_many()
    local before_kb = ring_many()
    for _ = 1, 3 do
      ring_many()
    end
    assert.is_true(ring_many() - before_kb < 100)
  end)

  it("go on after an action that raises", function()
    it_session.verbs.every("1s", function() error "wrong" end)
    it_session:advance("3s")
    assert.equal("error error error", it_session:told())
  end)
end)

describe("log", function()
  local it_session = sessions.fixture()

  it("formats its text once, and leaves a text without arguments as it is", function()
    it_session.verbs.after("1s", it_session.verbs.log("%d %s", 3, "x"))
    it_session.verbs.after("2s", it_session.verbs.log "100%")
    it_session:advance("2s")
    assert.equal("3 x", it_session.records[1].message)
    assert.equal("100%", it_session.records[2].message)
  end)
end)
