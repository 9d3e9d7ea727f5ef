-- SPDX-License-Identifier: MIT
-- Selectors: checks the keys that select processes, and makes native selectors, which the engine
-- compiles.
local selector_keys = require "watchio.check.selector_keys"
local values = require "watchio.check.values"
local shape = require "watchio.check.shape"
local tables = require "watchio.base.tables"
local users = require "watchio.base.users"

local selectors = {}

-- Key → its checker, for the keys that name processes, also in exceptions.
local naming = {}
for _, row in ipairs(selector_keys.rows) do
  naming[row.key] = values.list_of(row.check)
end

-- A name or a pid. A TARGET of the command line is refused, since as a name it would never match.
local function name_or_pid(value)
  local named, message = values.name_or_pid(value)
  if type(named) ~= "string" then return named, message end
  for key, wanted in ("," .. named):gmatch ",(%l+)=([^,]*)" do
    if naming[key] then
      return nil,
        ('bad name %s (KEY=VALUE is for commands such as match; a policy has %s = "%s")'):format(
          values.show(named),
          key,
          wanted
        )
    end
  end
  return named
end

--- The first values, which may come one by one or as a list: { "nginx", 812 } and { { "nginx", 812
--- } }.
---@param checked any[]
---@return (string|integer)[]?
---@return string? message
function selectors.first_values(checked)
  if type(checked[1]) == "table" and #checked == 1 then checked = checked[1] end
  return values.list_of(name_or_pid)(checked)
end

-- Splits the values without a key into pids and names. A process may match either.
local function split(list)
  local pids, names = {}, {}
  for _, value in ipairs(list or {}) do
    local into = type(value) == "number" and pids or names
    into[#into + 1] = value
  end
  return pids, names
end

local TWICE = "%s: given twice, since the value without a key is a %s, too (want one of them%s)"
local LABEL = '; label = "…" names the watch'

-- The native selectors of checked values: none or one. They are two, which share the other keys, if
-- the first values hold both pids and names.
local function natives_of(checked)
  local pids, names = split(checked.list)
  if #pids > 0 and checked.pid then return nil, TWICE:format("pid", "pid", "") end
  if #names > 0 and checked.name then return nil, TWICE:format("name", "name", LABEL) end
  local function native_with(own)
    for _, row in ipairs(selector_keys.rows) do
      own[row.plural] = own[row.plural] or checked[row.key]
    end
    return own
  end
  local natives = {}
  if #pids > 0 then natives[#natives + 1] = native_with { pids = pids } end
  if #names > 0 then natives[#natives + 1] = native_with { names = names } end
  if #natives == 0 then natives[1] = native_with {} end
  return next(natives[1]) ~= nil and natives or {}
end

local except_shape = { keys = naming, list = selectors.first_values }

local NAMES_NOTHING = 'names nothing (want e.g. a name, or user = "root")'

-- Adds one exception, a table of keys.
local function add_exception(list, options)
  local checked, message = shape.check(except_shape, options)
  if not checked then return nil, message end
  local natives
  natives, message = natives_of(checked)
  if not natives then return nil, message end
  if #natives == 0 then return nil, NAMES_NOTHING end
  return table.move(natives, 1, #natives, #list + 1, list)
end

-- The exceptions: a name, a pid, a table of keys, or a list of all these.
local function except(value)
  if type(value) == "table" and not values.is_plain_table(value) then value = { { value } } end
  local own, others, list = {}, {}, {}
  for key, item in pairs(type(value) == "table" and value or { value }) do
    if type(item) == "table" and math.type(key) == "integer" then
      others[#others + 1] = item
    else
      own[math.type(key) == "integer" and #own + 1 or key] = item
    end
  end
  if next(own) ~= nil or #others == 0 then table.insert(others, 1, own) end
  for _, options in ipairs(others) do
    local added, message = add_exception(list, options)
    if not added then return nil, message end
  end
  return list
end

local function where(value)
  if type(value) == "function" then return value end
  return nil, ("bad value %s (want a function of the process)"):format(values.show(value))
end

--- The keys that select processes, each with its value: for the shape of an options table.
---@type table<string, fun(value: any): any, string?>
selectors.keys = tables.merged(naming, { except = except, where = where })

local selector_shape = { keys = selectors.keys, list = selectors.first_values }

selectors.NAMES_NOTHING = "which processes? "
  .. "(want a name, a pid, or a key such as cmd, user or unit)"

-- Whether `by` certainly names every process that `native` names.
local function is_covered(native, by)
  for plural, checked in pairs(by) do
    for _, value in ipairs(native[plural] or {}) do
      if not tables.has(checked, value) then return false end
    end
    if not native[plural] then return false end
  end
  return true
end

local function add_conditions(natives, checked)
  for _, native in ipairs(natives) do
    for _, exception in ipairs(checked.except or {}) do
      if is_covered(native, exception) then
        return nil, "except: leaves out everything that the other keys match"
      end
    end
    native.excepts, native.where = checked.except, checked.where
  end
  return natives
end

--- The native selectors of the checked values of an options table.
---@param checked table
---@return watchio.native.Selector[]? natives a process matches any of them
---@return string? message
function selectors.of(checked)
  local natives, message = natives_of(checked)
  if not natives then return nil, message end
  if #natives == 0 and checked.where then natives = { {} } end
  if #natives == 0 then return nil, selectors.NAMES_NOTHING end
  return add_conditions(natives, checked)
end

--- The first key by which checked values select processes, if there is one.
---@param checked table
---@return string?
function selectors.first_key(checked)
  for _, key in ipairs(selector_keys.names) do
    if checked[key] then return key end
  end
  return checked.list and "name or pid"
    or checked.where and "where"
    or checked.except and "except"
end

--- Checks a value that names processes: a pid, a name glob, or a table of selector keys.
---@param value any
---@return watchio.native.Selector[]? natives a process matches any of them
---@return string? message
function selectors.check(value)
  if type(value) ~= "table" then value = { value } end
  local checked, message = shape.check(selector_shape, value)
  if not checked then return nil, message end
  return selectors.of(checked)
end

local word_of = { uids = users.name, ports = values.port_text }

local function words_of(plural, checked, between)
  local words, word = {}, word_of[plural] or tostring
  for index, value in ipairs(checked) do
    words[index] = word(value)
  end
  return table.concat(words, between or "|")
end

local function show_keys(native)
  local parts = {}
  for _, row in ipairs(selector_keys.rows) do
    local checked = native[row.plural]
    if checked then parts[#parts + 1] = row.key .. " " .. words_of(row.plural, checked) end
  end
  return table.concat(parts, ", ")
end

local function of_each(natives, text, between)
  local parts = {}
  for index, native in ipairs(natives) do
    parts[index] = text(native)
  end
  return table.concat(parts, between)
end

--- A native selector as people read it: "name nginx, user root, except port 80".
---@param native watchio.native.Selector
---@return string
function selectors.show(native)
  local parts = { native.any and of_each(native.any, show_keys, " or ") or show_keys(native) }
  if parts[1] == "" then parts[1] = nil end
  for _, exception in ipairs(native.excepts or {}) do
    local keys = show_keys(exception)
    parts[#parts + 1] = "except " .. (keys:find(",", 1, true) and ("(%s)"):format(keys) or keys)
  end
  if native.where then parts[#parts + 1] = "where …" end
  return table.concat(parts, ", ")
end

--- The keys of a table that names processes, as on the command line: "name=nginx,user=alice".
---@param keys table
---@return string
function selectors.text(keys)
  local parts = {}
  for index, value in ipairs(keys) do
    parts[index] = tostring(value)
  end
  for _, key in ipairs(selector_keys.names) do
    local value = keys[key]
    if type(value) == "table" then value = table.concat(value, "|") end
    if value then parts[#parts + 1] = key .. "=" .. tostring(value) end
  end
  return table.concat(parts, ",")
end

--- A short name of a selector: the values of its first key.
---@param native watchio.native.Selector
---@return string
function selectors.label(native)
  if native.any then return of_each(native.any, selectors.label, " ") end
  for _, plural in ipairs { "names", "cmds", "pids" } do
    if native[plural] then return table.concat(native[plural], " ") end
  end
  if native.uids then return "uid " .. table.concat(native.uids, " ") end
  for _, row in ipairs(selector_keys.rows) do
    local checked = native[row.plural]
    if checked then return row.key .. " " .. words_of(row.plural, checked, " ") end
  end
  return "where"
end

return selectors
