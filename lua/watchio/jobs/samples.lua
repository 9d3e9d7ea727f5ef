-- SPDX-License-Identifier: MIT
-- Samples: the activity of targets from sample to sample, as rows.
local native = require "watchio.native"
local targets = require "watchio.watch.target"
local units = require "watchio.base.units"
local watch = require "watchio.watch.watch"

local samples = {}

local SECOND = units.SECOND

---@class watchio.SampleRow : watchio.StatRow
---@field event "sample"|"exit"|"leave"
---@field pids integer[] its living processes, parents first
---@field seconds number how long it was measured: since the row before, or since it was first seen
---@field at_least? boolean more was read and written than `total` has
---@field total table<string, number> measures since it was first seen, of the kinds that are known

---@class watchio.SampleOptions
---@field per string what is one target
---@field every_ns integer
---@field idle_ns integer quiet time until a state is idle
---@field clock fun(): integer, integer seconds and microseconds since the epoch

-- The known part of a total. A kind that cannot be read now stands still in it.
local function known_of(total, rate)
  local known = {}
  for _, measure in ipairs(native.measures) do
    if rate[measure] then known[measure] = total[measure] end
  end
  return known
end

-- Whether all kinds can be read. Otherwise something may have moved.
local function is_whole(rate) return rate.rchar and rate.net_rx and rate.cpu and true or false end

-- Whether a measure is missing because it may not be read.
local function is_blind(self, target, rate)
  if is_whole(rate) then return false end
  local now = self.session.monitor:target(target.id)
  return now ~= nil and now.blind
end

local function row_of(self, target, event, rate, total)
  local seconds, microseconds = self.clock()
  local who, before = targets.brief(target), self.before[target]
  return {
    event = event.type,
    time = seconds + microseconds / 1e6,
    pid = who.pid,
    name = who.name,
    pids = who.pids,
    state = target.state,
    idle_for = before.whole and event.idle_for or nil,
    seconds = event.time - before.time,
    rate = rate,
    total = total,
    at_least = event.at_least,
    blind = is_blind(self, target, rate),
  }
end

-- A round without any target counts, too.
local function expect_round(self, ns)
  self.alarm = self.session:alarm(ns, function()
    expect_round(self, self.every_ns)
    if not self.due then self.on_round() end -- else the round ends soon
  end)
end

local function round_ends(self)
  self.session:cancel(self.alarm)
  expect_round(self, self.every_ns + self.every_ns // 2)
  self.on_round()
end

-- Samples of the same time are one round. It ends once all of them are told: at an alarm that is
-- due at once or, if that is late, at the next round.
local function take_part(self, time)
  if self.due and time ~= self.round_time then round_ends(self) end
  self.round_time = time
  if self.due then return end
  self.due = true
  self.session:alarm(0, function()
    self.due = false
    round_ends(self)
  end)
end

local function take_start(self, target, event)
  self.before[target] = { time = event.time, total = event.total or {}, whole = true }
end

local function take_sample(self, target, event)
  local before, total = self.before[target], known_of(event.total or {}, event.rate)
  take_part(self, event.time)
  before.whole = is_whole(event.rate)
  self.on_row(row_of(self, target, event, event.rate, total))
  before.time, before.total = event.time, total
end

-- The last moments of the target may not have been seen as a whole, so there is no rate. The total
-- is what was seen.
local function take_end(self, target, event)
  local total = {}
  for measure, amount in pairs(self.before[target].total) do
    total[measure] = event.total and event.total[measure] or amount
  end
  self.on_row(row_of(self, target, event, {}, total))
  self.before[target] = nil
end

local function add_watch(self, selector, options)
  watch.new(self.session, {
    per = options.per,
    every = options.every_ns / SECOND,
    idle = options.idle_ns / SECOND,
    on_start = function(target, event) take_start(self, target, event) end,
    on_sample = function(target, event) take_sample(self, target, event) end,
    on_exit = function(target, event) take_end(self, target, event) end,
    on_leave = function(target, event) take_end(self, target, event) end,
  }, { selector = selector })
end

--- Reports the targets of a selector at every interval, from the second sample on, and at their
--- end. Rates use the measured time.
---@param session watchio.Session
---@param selector watchio.native.Selector
---@param options watchio.SampleOptions
---@param on_row fun(row: watchio.SampleRow)
---@param on_round fun() called when all rows of an interval were told, even if there were none
function samples.start(session, selector, options, on_row, on_round)
  local self = {
    session = session,
    clock = options.clock,
    every_ns = options.every_ns,
    on_row = on_row,
    on_round = on_round,
    before = {},
    due = false,
  }
  add_watch(self, selector, options)
  expect_round(self, 2 * options.every_ns + options.every_ns // 2)
end

return samples
