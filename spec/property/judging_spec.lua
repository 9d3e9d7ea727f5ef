-- SPDX-License-Identifier: MIT
-- Random histories on the virtual clock against an oracle that knows when each counter really
-- moved.
local history = require "spec.property.history"

local HISTORIES <const> = 40
local ORIGIN_NS <const> = 1000000000000

local seed = tonumber(os.getenv("WATCHIO_SEED")) or os.time()

local function edges_of(seen, watch, pid)
  local edges = {}
  for _, event in ipairs(seen.events) do
    if event.watch == watch and event.pid == pid then table.insert(edges, event) end
  end
  return edges
end

-- Calls check(edges, watch, writes, ticks) for each process under each watch.
local function check_all(lived, check)
  for number, one in ipairs(lived) do
    for index, watch in ipairs(one.history.watches) do
      for pid, writes in ipairs(one.history.writes) do
        local edges = edges_of(one.seen, index, pid)
        local ok, message = pcall(check, edges, watch, writes, one.seen.ticks)
        local where = "WATCHIO_SEED=%d, history %d, watch %d, pid %d: %s"
        assert(ok, where:format(seed, number, index, pid, tostring(message)))
      end
    end
  end
end

-- The first look counts as a write: quiet is counted from there.
local function last_write(writes, at)
  local last = 0
  for _, write in ipairs(writes) do
    if write <= at then last = write end
  end
  return last
end

-- How late the ticks were that were due in (from, till].
local function lateness(ticks, from, till)
  local sum = 0
  for _, tick in ipairs(ticks) do
    if tick.at > from and tick.at - tick.late <= till then sum = sum + tick.late end
  end
  return sum
end

-- What the ticks in (from, till] can vouch for, at two intervals each.
local function credit(ticks, from, till, every_ns)
  local sum = 0
  for i = 2, #ticks do
    local at, before = ticks[i].at, ticks[i - 1].at
    if at > from and at <= till then sum = sum + math.min(at - before, 2 * every_ns) end
  end
  return sum
end

local function idle_is_sound(edges, watch, writes)
  for _, edge in ipairs(edges) do
    if edge.type == "idle" then
      local quiet = edge.at - last_write(writes, edge.at)
      assert(quiet >= watch.idle_ns, ("idle after %d ns, want %d"):format(quiet, watch.idle_ns))
    end
  end
end

local function idles_between(edges, from, till)
  local found = {}
  for _, edge in ipairs(edges) do
    if edge.type == "idle" and edge.at >= from and edge.at < till then
      table.insert(found, edge)
    end
  end
  return found
end

local function idle_is_complete(edges, watch, writes, ticks)
  local end_ns = ticks[#ticks].at
  for i = 0, #writes do
    local from, till = writes[i] or 0, math.min(writes[i + 1] or end_ns, end_ns)
    local latest = from + watch.idle_ns + watch.every_ns + lateness(ticks, from, till)
    local idles = idles_between(edges, from, till)
    assert(#idles <= 1, "idle twice in one quiet period")
    assert(#idles == 1 or till <= latest, ("no idle in %d ns of quiet"):format(till - from))
    assert(#idles == 0 or idles[1].at < latest, "idle is told late")
  end
end

local function activity_is_seen(edges, watch, writes, ticks)
  local state, following = "quiet", 1
  for _, write in ipairs(writes) do
    while edges[following] and edges[following].at < write do
      state, following = edges[following].type, following + 1
    end
    local edge = edges[following]
    local late = lateness(ticks, write, write + 2 * history.STALL * watch.every_ns)
    local latest = write + watch.every_ns + late
    if state ~= "active" and latest < ticks[#ticks].at then
      assert(
        edge and edge.type == "active" and edge.at < latest,
        "activity is not told in time"
      )
    end
  end
end

local function edges_alternate(edges)
  assert(edges[1].type == "start")
  for i = 2, #edges do
    assert(edges[i].type == "active" or edges[i].type == "idle")
    assert(edges[i].type ~= edges[i - 1].type, "two equal edges in a row")
  end
end

-- However late a tick comes, it vouches for two intervals of quiet at most.
local function late_ticks_credit_little(edges, watch, writes, ticks)
  for _, edge in ipairs(edges) do
    if edge.type == "idle" then
      local given = credit(ticks, last_write(writes, edge.at), edge.at, watch.every_ns)
      assert(given >= watch.idle_ns, ("idle on %d ns of credit"):format(given))
    end
  end
end

describe("judging random histories", function()
  local in_time, late = {}, {}

  lazy_setup(function()
    math.randomseed(seed)
    for i = 1, HISTORIES do
      local punctual, stalled = history.random(false), history.random(true)
      in_time[i] = { history = punctual, seen = history.live(punctual, ORIGIN_NS) }
      late[i] = { history = stalled, seen = history.live(stalled, ORIGIN_NS) }
    end
  end)

  for when, lived in pairs { ["in time"] = in_time, ["late"] = late } do
    local given = ", when ticks come " .. when
    it("finds nothing idle early" .. given, function() check_all(lived, idle_is_sound) end)
    it(
      "tells each quiet period once" .. given,
      function() check_all(lived, idle_is_complete) end
    )
    it("tells of activity" .. given, function() check_all(lived, activity_is_seen) end)
    it("tells no edge twice" .. given, function() check_all(lived, edges_alternate) end)
  end

  it(
    "credits a late tick with two intervals at most",
    function() check_all(late, late_ticks_credit_little) end
  )

  it("says the same at any other time", function()
    for i = 1, HISTORIES // 4 do
      local moved = history.live(late[i].history, math.random(1, 1 << 50))
      assert.are.same(late[i].seen, moved, "WATCHIO_SEED=" .. seed)
    end
  end)

  it("counts every byte once", function()
    for _, one in ipairs(late) do
      for _, target in ipairs(one.seen.totals) do
        assert.are.equal(target.written, target.counted, "WATCHIO_SEED=" .. seed)
      end
    end
  end)
end)
