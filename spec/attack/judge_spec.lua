-- SPDX-License-Identifier: MIT
-- The judge of scripts/attack, on made-up reports.
local judge = require "spec.attack.judge"

local SECOND = 1000000000

local function run_of(spans, target)
  target = target or {}
  target.shape, target.pid, target.spans = "made up", 4711, spans
  return { ahead = 100 * SECOND, targets = { [0] = target }, hurt = {} }
end

local function reported(event, at_s)
  return { events = { { event = event, at = (100 + at_s) * SECOND, target = { pid = 4711 } } } }
end

local function tally() return { busy = {}, wrong = {}, idle = 0, ended = 0 } end

describe("the judge of the attack", function()
  local cases = {
    { "a step within the quiet", 9.5, 9.6, 1 },
    { "one that began before it", 8.9, 9.5, 0 },
    { "one that may have come after the look", 9.85, 9.95, 0 },
    { "one before it", 8.0, 8.1, 0 },
    { "one after it", 10.1, 10.2, 0 },
    { "one that began before it and never ended", 5, 0, 1 },
    { "one that began before it and ended after it", 5, 11, 1 },
    { "one that began in it and never ended", 9.5, 0, 0 },
  }
  for _, case in ipairs(cases) do
    it(("holds %d against a report for %s"):format(case[4], case[1]), function()
      local found = tally()
      local spans =
        { { from = math.floor(case[2] * SECOND), to = math.floor(case[3] * SECOND) } }
      judge.idleness(run_of(spans), reported("idle", 10), SECOND, 1, found)
      assert.equal(case[4], #found.busy)
      assert.equal(1, found.idle)
    end)
  end

  it("holds an end against nobody who reported the kill", function()
    local found, run = tally(), run_of({}, { signal = 15, ended = 11 * SECOND })
    judge.ends(run, 1, found)
    assert.equal(1, #found.wrong)
    found = tally()
    judge.idleness(run, reported("kill", 10), SECOND, 1, found)
    judge.ends(run, 1, found)
    assert.equal(0, #found.wrong)
  end)

  it("holds every signal that an innocent process got against the watcher", function()
    local found, run = tally(), run_of {}
    run.hurt = { { pid = "4712", signal = "15" } }
    judge.ends(run, 1, found)
    assert.equal(1, #found.wrong)
  end)
end)
