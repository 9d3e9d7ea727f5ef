-- What each options table may hold: every key of every verb, checked once, at the policy's line.
local floors = require "watchio.floors"
local format = require "watchio.format"
local kinds = require "watchio.kinds"
local mistake = require "watchio.mistake"
local selectors = require "watchio.selectors"
local shape = require "watchio.shape"
local signals = require "watchio.signals"

local schema = {}

local MILLISECOND = 1000000

local rounds_shape = {
  keys = { every = kinds.duration(10 * MILLISECOND) },
  list = kinds.action,
}

local function while_active_rounds(value)
  local rounds, message = shape.check(rounds_shape, value)
  if not rounds then return nil, message end
  if not rounds.every then return nil, 'every is missing (want e.g. every = "10m")' end
  if not rounds.list then return nil, "there is no action" end
  return { every_ns = rounds.every, action = #rounds.list == 1 and rounds.list[1] or rounds.list }
end

local function with_selecting(keys)
  for key, kind in pairs(selectors.keys) do keys[key] = kind end
  return keys
end

local watch = {
  keys = with_selecting {
    spawn = kinds.argv,
    label = kinds.text,
    per = kinds.one_of("tree", "process", "all", "name", "user", "unit"),
    every = kinds.duration(10 * MILLISECOND),
    idle = kinds.duration(),
    counts = kinds.list_of(kinds.one_of("io", "net", "cpu")),
    floor = floors.check,
    on_start = kinds.action,
    on_active = kinds.action,
    on_idle = kinds.action,
    on_exit = kinds.action,
    on_leave = kinds.action,
    on_unreadable = kinds.action,
    on_error = kinds.action,
    while_active = while_active_rounds,
  },
  list = selectors.first_values,
}

local run = {
  keys = {
    busy = kinds.one_of("skip", "queue"),
    timeout = kinds.duration(),
    cwd = kinds.text,
    env = kinds.environment,
  },
  list = kinds.argv,
}

local kill = { keys = { signal = signals.number, grace = kinds.duration() } }

local poll = { keys = { timeout = kinds.duration(0), step = kinds.duration(10 * MILLISECOND) } }

---@class watchio.Rule a checked watch
---@field selectors watchio.native.Selector[] none for a spawn
---@field spawn? string[]
---@field label? string
---@field per? "tree"|"process"|"all"|"name"|"user"|"unit"
---@field every_ns integer
---@field idle_ns integer
---@field counts string[]
---@field floor watchio.FloorPair
---@field handlers table<string, watchio.Action> on_… → action
---@field while_active? { every_ns: integer, action: watchio.Action }

local HANDLERS = {
  "on_start", "on_active", "on_idle", "on_exit", "on_leave", "on_unreadable", "on_error",
}

local function watch_selectors(values)
  if not values.spawn then return selectors.of(values) end
  local other = selectors.first_key(values)
  if other then
    return nil, ("spawn: starts its own process, so no %s can be given"):format(other)
  end
  return {}
end

--- Checks the options of a watch.
---@param options any
---@return watchio.Rule
function schema.watch(options)
  local values = mistake.check("watch", shape.check(watch, options))
  local natives = mistake.check("watch", watch_selectors(values))
  local handlers = {}
  for _, name in ipairs(HANDLERS) do handlers[name] = values[name] end
  return {
    selectors = natives,
    spawn = values.spawn,
    label = values.label,
    per = values.per,
    every_ns = values.every or 1000 * MILLISECOND,
    idle_ns = values.idle or 60000 * MILLISECOND,
    counts = values.counts or { "io", "net", "cpu" },
    floor = values.floor or floors.default,
    handlers = handlers,
    while_active = values.while_active,
  }
end

--- Checks what run is given: a shell line, or a table with the arguments.
---@param options any
function schema.run(options)
  if type(options) == "string" then
    mistake.check("run", kinds.action(options))
    return { argv = { "/bin/sh", "-c", options }, text = options, busy = "skip", env = {} }
  end
  local values = mistake.check("run", shape.check(run, options))
  if not values.list then mistake.raise 'run: no command (want e.g. run { "make", "all" })' end
  return {
    argv = values.list,
    text = format.command(values.list),
    busy = values.busy or "skip",
    timeout_ns = values.timeout,
    cwd = values.cwd,
    env = values.env or {},
  }
end

--- Checks the options of kill.
---@param options any
---@return { signal: integer, grace_ns: integer }
function schema.kill(options)
  local values = mistake.check("kill", shape.check(kill, options))
  return {
    signal = values.signal or signals.number("TERM"),
    grace_ns = values.grace or 10000 * MILLISECOND,
  }
end

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
function schema.action(verb, value)
  return (mistake.check(verb, kinds.action(value)))
end

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
function schema.pid(verb, value)
  return (mistake.check(verb, kinds.pid(value)))
end

return schema
