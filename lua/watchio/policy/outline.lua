-- SPDX-License-Identifier: MIT
-- The outline of a loaded policy, as data: what it watches and does, which processes match now, and
-- when each action could first come.
local action = require "watchio.tasks.action"
local events = require "watchio.base.events"
local format = require "watchio.base.format"
local limits = require "watchio.check.limits"
local matching = require "watchio.check.matching"
local selectors = require "watchio.check.selectors"
local units = require "watchio.base.units"

local outline = {}

local SECOND = units.SECOND

local function which(rule)
  if rule.spawn then return "spawn " .. rule.spawn.text end
  local alternatives = {}
  for index, each in ipairs(rule.selectors) do
    alternatives[index] = selectors.show(each)
  end
  return table.concat(alternatives, " or ")
end

-- Why a kind that counts cannot be read for a process, or nil.
local function unreadable(session, rule, pid)
  local reading = session.monitor:reading(pid)
  for _, kind in ipairs(reading and rule.counts or {}) do
    if reading.unreadable[kind] then return reading.unreadable[kind] end
  end
end

local function matches(session, rule)
  local list = {}
  for index, process in ipairs(matching.find(session, rule.selectors) or {}) do
    list[index] = {
      pid = process.pid,
      name = process.name,
      unreadable = unreadable(session, rule, process.pid),
    }
  end
  return list
end

-- The earliest time of an event after the start, in seconds, or nil if it is unknown; and what it
-- waits for.
local firsts = {
  start = function(rule, found)
    if rule.spawn or found then return 0, "at the start" end
    return nil, "when one appears"
  end,
  active = function(rule) return rule.every_ns / SECOND, "when one becomes active" end,
  idle = function(rule, found, blind)
    if blind then return nil, "never while it cannot be read" end
    local after = format.span(rule.idle_ns / SECOND)
    if rule.spawn or found then return rule.idle_ns / SECOND, after .. " after the start" end
    return nil, after .. " after one appears"
  end,
  exit = function() return nil, "when one ends" end,
  leave = function() return nil, "when one becomes something else" end,
  unreadable = function(_, _, blind)
    return blind and 0 or nil, blind and "at the start" or "when one cannot be read"
  end,
  sample = function(rule) return rule.every_ns / SECOND, "at each sample" end,
  error = function() return nil, "when a handler fails" end,
}

local function add(list, on, act, first, when, every_ns)
  list[#list + 1] = {
    on = on,
    action = action.text(act),
    first = first,
    when = when,
    every = every_ns and every_ns / SECOND,
  }
end

local function add_rounds(list, watch, state, found, blind)
  for _, rounds in ipairs(watch.rounds) do
    if rounds.state == state then
      local first, when = firsts[state](watch.rule, found, blind)
      add(list, "while_" .. state, rounds.act, first, when, rounds.every_ns)
    end
  end
end

-- A rate is over after its hold at the earliest, a total at the next sample.
local function add_limits(list, watch)
  for index, limit in ipairs(watch.rule.limits) do
    local over, under =
      watch.handlers["on_over " .. index], watch.handlers["on_under " .. index]
    local words = limits.show(limit)
    local first = math.max(limit.hold_ns, watch.rule.every_ns) / SECOND
    if over then add(list, "on_over", over, first, "when " .. words) end
    if under then add(list, "on_under", under, nil, "when it is under again") end
  end
end

local function show_limits(rule)
  local words = {}
  for index, limit in ipairs(rule.limits) do
    words[index] = limits.show(limit)
  end
  return words
end

local function actions(watch, found, blind)
  local list = {}
  for _, on in ipairs(events.handlers) do
    local act, name = watch.handlers[on], on:match "^on_(.*)"
    if act then add(list, on, act, firsts[name](watch.rule, found, blind)) end
    add_rounds(list, watch, name, found, blind)
  end
  add_limits(list, watch)
  return list
end

---@class watchio.RuleData
---@field watch string its label
---@field which string
---@field spawns boolean its process starts with the policy
---@field per string
---@field every number seconds
---@field idle number seconds
---@field counts string[]
---@field limits string[] in words
---@field matches { pid: integer, name: string, unreadable?: string }[] now
---@field actions { on: string, action: string, first?: number, when: string, every?: number }[]

--- A watch as data.
---@param session watchio.Session
---@param watch watchio.Watch
---@return watchio.RuleData
function outline.of(session, watch)
  local rule, found, blind = watch.rule, nil, false
  local list = matches(session, rule)
  for _, process in ipairs(list) do
    found, blind = true, blind or process.unreadable ~= nil
  end
  return {
    watch = watch.label,
    which = which(rule),
    spawns = rule.spawn ~= nil,
    per = rule.per or "tree",
    every = rule.every_ns / SECOND,
    idle = rule.idle_ns / SECOND,
    counts = rule.counts,
    limits = show_limits(rule),
    matches = list,
    actions = actions(watch, found, blind),
  }
end

--- An `after` or `every` as data.
---@param timer watchio.Timer
---@return { timer: string, action: string, first: number, every?: number }
function outline.of_timer(timer)
  local seconds = timer.ns / SECOND
  return {
    timer = timer.verb,
    action = action.text(timer.act),
    first = seconds,
    every = timer.verb == "every" and seconds or nil,
  }
end

--- The rehearsal of an `after` as data: the facts of the timer, and what it would do.
---@param done watchio.Rehearsed
---@return table
function outline.of_rehearsed(done)
  local data = outline.of_timer(done.timer)
  data.told, data.starts, data.unsure = done.told, done.starts, done.unsure
  return data
end

return outline
