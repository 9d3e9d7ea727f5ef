-- SPDX-License-Identifier: MIT
-- Limits over random histories, in time and late, against an oracle that knows each write.
local history = require "spec.property.history"

local HISTORIES <const> = 40
local ORIGIN_NS <const> = 1000000000000
local SECOND <const> = 1000000000
local RATE <const>, TOTAL <const> = 1, 2 -- the limits, by their place

local seed = tonumber(os.getenv("WATCHIO_SEED")) or os.time()

-- A byte a write: some ten a second.
local function with_limits(it)
  for _, watch in ipairs(it.watches) do
    watch.hold_ns = math.random(0, 8) * watch.every_ns
    watch.above, watch.below, watch.most =
      math.random(2, 12), math.random(0, 2), math.random(1, 60)
    watch.limits = {
      {
        measure = "wchar",
        rate = true,
        above = watch.above,
        below = watch.below,
        hold_ns = watch.hold_ns,
      },
      { measure = "wchar", above = watch.most },
    }
  end
  return it
end

local function crossings(seen, watch, pid, limit)
  local found = {}
  for _, event in ipairs(seen.events) do
    if event.watch == watch and event.pid == pid and event.limit == limit then
      found[#found + 1] = event
    end
  end
  return found
end

-- How many writes there were in (from, till].
local function written(writes, from, till)
  local count = 0
  for _, at in ipairs(writes) do
    if at > from and at <= till then count = count + 1 end
  end
  return count
end

-- Calls check(watch, index, writes, pid, one) for each process under each watch.
local function check_all(lived, check)
  for number, one in ipairs(lived) do
    for index, watch in ipairs(one.history.watches) do
      for pid, writes in ipairs(one.history.writes) do
        local ok, message = pcall(check, watch, index, writes, pid, one)
        local where = "WATCHIO_SEED=%d, history %d, watch %d, pid %d: %s"
        assert(ok, where:format(seed, number, index, pid, tostring(message)))
      end
    end
  end
end

local function what_is_told_is_what_was_done(watch, index, writes, pid, one)
  for _, event in ipairs(crossings(one.seen, index, pid, RATE)) do
    local done = written(writes, event.at - event.moved_in, event.at)
    assert(done == event.moved, ("%d told of %d"):format(event.moved, done))
    local rate = done / (event.moved_in / SECOND)
    assert(
      event.type == "over" and rate > watch.above
        or event.type == "under" and rate <= watch.below,
      ("%s at %g a second"):format(event.type, rate)
    )
    assert(event.moved_in >= watch.hold_ns, "the hold is too short")
  end
end

local function edges_alternate(_, index, _, pid, one)
  local before = "under"
  for _, event in ipairs(crossings(one.seen, index, pid, RATE)) do
    assert(event.type ~= before, event.type .. " twice in a row")
    before = event.type
  end
end

local function totals_are_told_once_and_in_time(watch, index, writes, pid, one)
  local told, ticks = crossings(one.seen, index, pid, TOTAL), one.seen.ticks
  local crossed = writes[watch.most + 1]
  assert(#told <= 1, "told twice")
  assert(not told[1] or crossed and crossed <= told[1].at, "told too early")
  local last = ticks[#ticks].at
  -- A look that follows a late one too closely is left to the next.
  local latest = crossed and crossed + 2 * history.STALL * watch.every_ns
  assert(not crossed or latest > last or told[1] and told[1].at <= latest, "told too late")
end

-- In time, what is above in each of as many intervals as the hold has is over by the end of them.
local function what_holds_is_told(watch, index, writes, pid, one)
  local events, every_ns = crossings(one.seen, index, pid, RATE), watch.every_ns
  local over, next_event, held = false, 1, 0
  for at = every_ns, one.seen.ticks[#one.seen.ticks].at, every_ns do
    local rate = written(writes, at - every_ns, at) / (every_ns / SECOND)
    held = rate > watch.above and held + every_ns or 0
    while events[next_event] and events[next_event].at <= at do
      over, next_event = events[next_event].type == "over", next_event + 1
    end
    local must = held >= math.max(watch.hold_ns, every_ns)
    assert(over or not must, ("not over after %d ns"):format(held))
  end
end

describe("limits over random histories", function()
  local in_time, late = {}, {}

  lazy_setup(function()
    math.randomseed(seed)
    for i = 1, HISTORIES do
      local punctual, stalled = history.random(false), history.random(true)
      in_time[i] = { history = with_limits(punctual) }
      late[i] = { history = with_limits(stalled) }
      in_time[i].seen = history.live(punctual, ORIGIN_NS)
      late[i].seen = history.live(stalled, ORIGIN_NS)
    end
  end)

  for when, lived in pairs { ["in time"] = in_time, ["late"] = late } do
    local given = ", when ticks come " .. when
    it(
      "tell what was done" .. given,
      function() check_all(lived, what_is_told_is_what_was_done) end
    )
    it("tell no edge twice" .. given, function() check_all(lived, edges_alternate) end)
    it(
      "tell totals once" .. given,
      function() check_all(lived, totals_are_told_once_and_in_time) end
    )
  end

  it(
    "tell what holds, when ticks come in time",
    function() check_all(in_time, what_holds_is_told) end
  )

  it("tell of something at all", function()
    local count = 0
    for _, one in ipairs(in_time) do
      for _, event in ipairs(one.seen.events) do
        count = count + (event.limit and 1 or 0)
      end
    end
    assert.is_true(count > HISTORIES, tostring(count))
  end)

  it("say the same at any other time", function()
    for i = 1, HISTORIES // 4 do
      local moved = history.live(late[i].history, math.random(1, 1 << 50))
      assert.are.same(late[i].seen, moved, "WATCHIO_SEED=" .. seed)
    end
  end)
end)
