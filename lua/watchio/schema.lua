-- What each options table may hold: every key of every verb, checked once, at the policy's line.
local floors = require "watchio.floors"
local format = require "watchio.format"
local kinds = require "watchio.kinds"
local mistake = require "watchio.mistake"
local signals = require "watchio.signals"
local suggest = require "watchio.suggest"
local users = require "watchio.users"

local schema = {}

local MILLISECOND = 1000000

local function keys_of(shape)
  local keys = {}
  for key in pairs(shape.keys) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Unknown keys in a fixed order, so that a policy with several mistakes always gets the same
-- message.
local function first_unknown(shape, options)
  local unknown
  for key in pairs(options) do
    local positional = shape.list and math.type(key) == "integer" and key >= 1 and key <= #options
    if not positional and not shape.keys[key] then
      if not unknown or tostring(key) < tostring(unknown) then unknown = key end
    end
  end
  return unknown
end

--- Checks an options table against a shape.
---@param shape { keys: table<string, function>, list?: function } `list`: the values without a key
---@param options any
---@return table? values converted; `list` holds the values without a key
---@return string? message
local function check(shape, options)
  if type(options) ~= "table" then return nil, ("want a table, got a %s"):format(type(options)) end
  local unknown = first_unknown(shape, options)
  if unknown ~= nil then
    local known = keys_of(shape)
    return nil, ("unknown key '%s'%s"):format(tostring(unknown), suggest(unknown, known))
  end
  local values = {}
  for _, key in ipairs(keys_of(shape)) do
    if options[key] ~= nil then
      local converted, message = shape.keys[key](options[key])
      if converted == nil then return nil, key .. ": " .. message end
      values[key] = converted
    end
  end
  if options[1] ~= nil and shape.list then
    local list, message = shape.list(table.move(options, 1, #options, 1, {}))
    if list == nil then return nil, message end
    values.list = list
  end
  return values
end

local rounds_shape = {
  keys = { every = kinds.duration(10 * MILLISECOND) },
  list = kinds.action,
}

local function while_active_rounds(value)
  local rounds, message = check(rounds_shape, value)
  if not rounds then return nil, message end
  if not rounds.every then return nil, 'every is missing (want e.g. every = "10m")' end
  if not rounds.list then return nil, "there is no action" end
  return { every_ns = rounds.every, action = #rounds.list == 1 and rounds.list[1] or rounds.list }
end

local selecting = {
  pid = kinds.list_of(kinds.pid),
  name = kinds.list_of(kinds.text),
  cmd = kinds.list_of(kinds.text),
  user = kinds.list_of(users.uid),
}

-- The first values may come one by one or as a list: { "nginx", 812 } and { { "nginx", 812 } }.
local function first_values(values)
  if type(values[1]) == "table" and #values == 1 then values = values[1] end
  return kinds.list_of(kinds.name_or_pid)(values)
end

local function with_selecting(keys)
  for key, kind in pairs(selecting) do keys[key] = kind end
  return keys
end

local selector = { keys = with_selecting {}, list = first_values }

local watch = {
  keys = with_selecting {
    spawn = kinds.argv,
    label = kinds.text,
    per = kinds.one_of("tree", "process", "all", "name", "user"),
    every = kinds.duration(10 * MILLISECOND),
    idle = kinds.duration(),
    counts = kinds.list_of(kinds.one_of("io", "net", "cpu")),
    floor = floors.check,
    on_start = kinds.action,
    on_active = kinds.action,
    on_idle = kinds.action,
    on_exit = kinds.action,
    on_unreadable = kinds.action,
    on_error = kinds.action,
    while_active = while_active_rounds,
  },
  list = first_values,
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

-- The values without a key split into pids and names; a process may match either.
local function split(list)
  local pids, names = {}, {}
  for _, value in ipairs(list or {}) do
    local into = type(value) == "number" and pids or names
    into[#into + 1] = value
  end
  return pids, names
end

local NO_SELECTOR = "which processes? (want a name, a pid, cmd, user or spawn)"

-- The native selectors of checked values: one, or two that share the other keys when the first
-- values hold both pids and names.
local function selectors_of(values)
  local pids, names = split(values.list)
  if #pids > 0 and values.pid then return nil, "pid: the first values hold a pid already" end
  if #names > 0 and values.name then return nil, "name: the first values hold a name already" end
  local function selector_with(own)
    own.pids = own.pids or values.pid
    own.names = own.names or values.name
    own.cmds, own.uids = values.cmd, values.user
    return own
  end
  local selectors = {}
  if #pids > 0 then selectors[#selectors + 1] = selector_with { pids = pids } end
  if #names > 0 then selectors[#selectors + 1] = selector_with { names = names } end
  if #selectors == 0 then selectors[1] = selector_with {} end
  return next(selectors[1]) ~= nil and selectors or nil
end

--- Checks what names processes: a pid, a name glob, or a table of selector keys.
---@param value any
---@return watchio.native.Selector[]? selectors a process matches any of them
---@return string? message
function schema.selectors(value)
  if type(value) ~= "table" then value = { value } end
  local values, message = check(selector, value)
  if not values then return nil, message end
  local selectors, wrong = selectors_of(values)
  return selectors, wrong or NO_SELECTOR
end

---@class watchio.Rule a checked watch
---@field selectors watchio.native.Selector[] none for a spawn
---@field spawn? string[]
---@field label? string
---@field per? "tree"|"process"|"all"|"name"|"user"
---@field every_ns integer
---@field idle_ns integer
---@field counts string[]
---@field floor watchio.FloorPair
---@field handlers table<string, watchio.Action> on_… → action
---@field while_active? { every_ns: integer, action: watchio.Action }

local HANDLERS = { "on_start", "on_active", "on_idle", "on_exit", "on_unreadable", "on_error" }

local function selecting_key(values)
  for _, key in ipairs { "pid", "name", "cmd", "user" } do
    if values[key] then return key end
  end
  return values.list and "name or pid"
end

local function watch_selectors(values)
  if not values.spawn then return selectors_of(values) end
  local other = selecting_key(values)
  if other then
    return nil, ("spawn: starts its own process, so no %s can be given"):format(other)
  end
  return {}
end

--- Checks the options of a watch.
---@param options any
---@return watchio.Rule
function schema.watch(options)
  local values = mistake.check("watch", check(watch, options))
  local selectors, message = watch_selectors(values)
  if not selectors then mistake.raise("watch: " .. (message or NO_SELECTOR)) end
  local handlers = {}
  for _, name in ipairs(HANDLERS) do handlers[name] = values[name] end
  return {
    selectors = selectors,
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
  local values = mistake.check("run", check(run, options))
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
  local values = mistake.check("kill", check(kill, options))
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
  local values = mistake.check(verb, check(poll, options or {}))
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
