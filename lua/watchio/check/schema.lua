-- SPDX-License-Identifier: MIT
-- The shapes of all options tables. Every key of a watch is checked once, at the policy's line.
local events = require "watchio.base.events"
local floors = require "watchio.check.floors"
local values = require "watchio.check.values"
local launch_options = require "watchio.check.launch_options"
local limits = require "watchio.check.limits"
local measures = require "watchio.base.measures"
local mistake = require "watchio.base.mistake"
local rounds_options = require "watchio.check.rounds_options"
local selectors = require "watchio.check.selectors"
local shape = require "watchio.check.shape"
local tables = require "watchio.base.tables"
local units = require "watchio.base.units"

local schema = {}

--- The values of `per`.
schema.PER = { "tree", "process", "all", "name", "user", "unit" }

-- The defaults of a watch.
schema.EVERY_NS = units.SECOND
schema.IDLE_NS = units.MINUTE

-- The keys that say how a watch judges and what it does.
local judging = {
  per = values.one_of(table.unpack(schema.PER)),
  every = values.interval,
  idle = values.duration(),
  counts = values.list_of(values.one_of(table.unpack(measures.kinds))),
  floor = floors.check,
  limits = limits.check,
  while_active = rounds_options.check,
  while_idle = rounds_options.check,
}
for _, name in ipairs(events.handlers) do
  judging[name] = values.action
end

local watch = {
  keys = tables.merged(
    selectors.keys,
    judging,
    { spawn = launch_options.check, label = values.text }
  ),
  list = selectors.first_values,
}

local defaults = { keys = judging }

local poll = { keys = { timeout = values.duration(0), step = values.interval } }

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

local function watch_selectors(checked, native)
  if native then return { native } end
  if not checked.spawn then return selectors.of(checked) end
  local other = selectors.first_key(checked)
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
  local checked = mistake.check("watch", shape.check(watch, options))
  local natives = mistake.check("watch", watch_selectors(checked, native))
  local handlers = {}
  for _, name in ipairs(events.handlers) do
    handlers[name] = checked[name]
  end
  local bounds = limits.split(checked.limits or {}, handlers)
  return {
    selectors = natives,
    spawn = checked.spawn,
    label = checked.label,
    per = checked.per,
    every_ns = checked.every or schema.EVERY_NS,
    idle_ns = checked.idle or schema.IDLE_NS,
    counts = checked.counts or measures.kinds,
    floor = checked.floor or floors.default,
    limits = bounds,
    samples = checked.on_sample ~= nil,
    handlers = handlers,
    while_active = checked.while_active,
    while_idle = checked.while_idle,
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
  local checked = mistake.check(verb, shape.check(poll, options or {}))
  return {
    timeout_ns = checked.timeout or 10 * units.MINUTE,
    step_ns = checked.step or 5 * units.SECOND,
  }
end

--- Checks an action given to a verb.
---@param verb string
---@param value any
---@return watchio.Action
function schema.action(verb, value) return (mistake.check(verb, values.action(value))) end

--- Checks a duration given to a verb.
---@param verb string
---@param value any
---@param least? integer nanoseconds
---@return integer ns
function schema.duration(verb, value, least)
  return (mistake.check(verb, values.duration(least)(value)))
end

--- Checks one pid.
---@param verb string
---@param value any
---@return integer
function schema.pid(verb, value) return (mistake.check(verb, values.pid(value))) end

return schema
