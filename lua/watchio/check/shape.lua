-- SPDX-License-Identifier: MIT
-- A shape says which keys an options table may hold, and which value each takes. A table is checked
-- once, at the policy's line.
local values = require "watchio.check.values"
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"

local shape = {}

---@class watchio.Shape
---@field keys table<string, fun(value: any): any, string?>
---@field list? fun(values: any[]): any, string? the values without a key

local function keys_of(wanted) return tables.keys(wanted.keys) end

-- The unknown keys in a fixed order, so that a policy with several mistakes always gets the same
-- message.
local function first_unknown(wanted, options)
  local unknown
  for key in pairs(options) do
    local positional = wanted.list
      and math.type(key) == "integer"
      and key >= 1
      and key <= #options
    if not positional and not wanted.keys[key] then
      if unknown == nil or values.key(key) < values.key(unknown) then unknown = key end
    end
  end
  return unknown
end

-- The keys that begin like an unknown one: for on_change, on_active and others.
local function alike(key, known)
  local start = type(key) == "string" and key:match("^%a+_")
  local list = {}
  for _, each in ipairs(known) do
    list[#list + 1] = start and each:sub(1, #start) == start and each or nil
  end
  return #list > 0 and (" (want %s)"):format(table.concat(list, ", ")) or ""
end

-- Words of other programs for keys.
local MEANT = {
  interval = "every",
  period = "every",
  step = "every",
  timeout = "idle",
  process = "name",
  processes = "name",
  program = "name",
  command = "cmd",
  cmdline = "cmd",
  regex = "cmd",
  path = "exe",
  owner = "user",
  uid = "user",
  service = "unit",
  group = "cgroup",
  listen = "port",
  exclude = "except",
  ignore = "except",
  filter = "where",
  threshold = "floor",
}

-- Verbs that people take for keys of a watch.
local ACTIONS = {
  kill = "on_idle = kill()",
  run = 'on_idle = run "…"',
  log = 'on_idle = log "…"',
  notify = 'on_idle = notify "…"',
  stop = "on_active = stop()",
  throttle = "on_start = throttle { … }",
}

local function meant(wanted, key)
  if wanted.keys.on_idle and ACTIONS[key] then
    return (" (it is an action: %s)"):format(ACTIONS[key])
  end
  if key == "memory" or key == "mem" then return " (memory is not watched)" end
  local word = MEANT[key]
  return word and wanted.keys[word] and (" (did you mean '%s'?)"):format(word)
end

local function tell_unknown(wanted, options, key)
  local known = keys_of(wanted)
  if math.type(key) == "integer" and not wanted.list then
    local value = values.show(options[key])
    return ("%s has no key (want %s)"):format(value, table.concat(known, ", "))
  end
  local hint = meant(wanted, key) or suggest(key, known)
  if hint == "" then hint = alike(key, known) end
  return ("unknown key %s%s"):format(values.key(key), hint)
end

-- The values without a key. A nil between them would hide the rest.
local function values_of(options)
  for index = 1, #options do
    if options[index] == nil then return nil, ("value %d is nothing"):format(index) end
  end
  return table.move(options, 1, #options, 1, {})
end

--- Checks an options table against a shape.
---@param wanted watchio.Shape
---@param options any
---@return table? values converted; `list` holds the values without a key
---@return string? message
function shape.check(wanted, options)
  if not values.is_plain_table(options) then
    local braced = wanted.list and (" (did you mean { %s }?)"):format(values.show(options))
      or ""
    if type(options) == "string" then return nil, "want a table, got a string" .. braced end
    return nil, "want a table, got " .. values.show(options)
  end
  local unknown = first_unknown(wanted, options)
  if unknown ~= nil then return nil, tell_unknown(wanted, options, unknown) end
  local checked = {}
  for _, key in ipairs(keys_of(wanted)) do
    if options[key] ~= nil then
      local converted, message = wanted.keys[key](options[key])
      if converted == nil then return nil, key .. ": " .. message end
      checked[key] = converted
    end
  end
  if options[1] ~= nil and wanted.list then
    local list, message = values_of(options)
    if list then
      list, message = wanted.list(list)
    end
    if list == nil then return nil, message end
    checked.list = list
  end
  return checked
end

return shape
