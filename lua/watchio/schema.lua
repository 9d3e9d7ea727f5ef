-- SPDX-License-Identifier: MIT
-- What each options table may hold: every key of a watch, checked once, at the policy's line.
local floors = require "watchio.floors"
local kinds = require "watchio.kinds"
local launch = require "watchio.launch"
local limits = require "watchio.limits"
local mistake = require "watchio.mistake"
local rounds = require "watchio.rounds"
local selectors = require "watchio.selectors"
local shape = require "watchio.shape"

local schema = {}

local MILLISECOND = 1000000

local function merged(...)
  local all = {}
  for _, keys in ipairs { ... } do
    for key, kind in pairs(keys) do
      all[key] = kind
    end
  end
  return all
end

-- How a watch judges and what it does.
local judging = {
  per = kinds.one_of("tree", "process", "all", "name", "user", "unit"),
  every = kinds.duration(10 * MILLISECOND),
  idle = kinds.duration(),
  counts = kinds.list_of(kinds.one_of("io", "net", "cpu")),
  floor = floors.check,
  limits = limits.check,
  on_start = kinds.action,
  on_active = kinds.action,
  on_idle = kinds.action,
  on_exit = kinds.action,
  on_leave = kinds.action,
  on_unreadable = kinds.action,
  on_sample = kinds.action,
  on_error = kinds.action,
  while_active = rounds.check,
  while_idle = rounds.check,
}

local watch = {
  keys = merged(selectors.keys, judging, { spawn = launch.check, label = kinds.text }),
  list = selectors.first_values,
}

local defaults = { keys = judging }

local poll = { keys = { timeout = kinds.duration(0), step = kinds.duration(10 * MILLISECOND) } }

---@class watchio.Rule a checked watch
---@field selectors watchio.native.Selector[] none for a spawn
---@field spawn? watchio.Launch
---@field label? string
---@field per? "tree"|"process"|"all"|"name"|"user"|"unit"
---@field every_ns integer
---@field idle_ns integer
---@field counts string[]
---@field floor watchio.FloorPair
---@field limits watchio.CheckedLimit[]
---@field samples boolean whether each sample is told
---@field handlers table<string, watchio.Action> on_… → action; of a limit "on_over 1"
---@field while_active? { every_ns: integer, action: watchio.Action }
---@field while_idle? { every_ns: integer, action: watchio.Action }

local HANDLERS = {
  "on_start",
  "on_active",
  "on_idle",
  "on_exit",
  "on_leave",
  "on_unreadable",
  "on_sample",
  "on_error",
}

local function watch_selectors(values, native)
  if native then return { native } end
  if not values.spawn then return selectors.of(values) end
  local other = selectors.first_key(values)
  if other then
    return nil, ("spawn: starts its own process, so no %s can be given"):format(other)
  end
  return {}
end

--- Checks the options of a watch.
---@param options any
---@param native? watchio.native.Selector what it watches, where no key of the options says so
---@return watchio.Rule
function schema.watch(options, native)
  local values = mistake.check("watch", shape.check(watch, options))
  local natives = mistake.check("watch", watch_selectors(values, native))
  local handlers = {}
  for _, name in ipairs(HANDLERS) do
    handlers[name] = values[name]
  end
  local bounds = limits.split(values.limits or {}, handlers)
  return {
    selectors = natives,
    spawn = values.spawn,
    label = values.label,
    per = values.per,
    every_ns = values.every or 1000 * MILLISECOND,
    idle_ns = values.idle or 60000 * MILLISECOND,
    counts = values.counts or { "io", "net", "cpu" },
    floor = values.floor or floors.default,
    limits = bounds,
    samples = values.on_sample ~= nil,
    handlers = handlers,
    while_active = values.while_active,
    while_idle = values.while_idle,
  }
end

--- Checks the options of defaults.
---@param options any
function schema.defaults(options) mistake.check("defaults", shape.check(defaults, options)) end

--- Checks the options of poll and new.
---@param verb "poll"|"new"
---@param options any
---@return { timeout_ns: integer, step_ns: integer }
function schema.poll(verb, options)
  local values = mistake.check(verb, shape.check(poll, options or {}))
  return {
    timeout_ns = values.timeout or 600000 * MILLISECOND,
    step_ns = values.step or 5000 * MILLISECOND,
  }
end

--- Checks an action given to a verb.
---@param verb string
---@param value any
---@return watchio.Action
function schema.action(verb, value) return (mistake.check(verb, kinds.action(value))) end

--- Checks a duration given to a verb.
---@param verb string
---@param value any
---@param least? integer nanoseconds
---@return integer ns
function schema.duration(verb, value, least)
  return (mistake.check(verb, kinds.duration(least)(value)))
end

--- Checks one pid.
---@param verb string
---@param value any
---@return integer
function schema.pid(verb, value) return (mistake.check(verb, kinds.pid(value))) end

return schema
