-- SPDX-License-Identifier: MIT
-- Values: each checker takes a value of a policy. It returns the value as the inner functions need
-- it, or nil and what was wanted.
local action = require "watchio.tasks.action"
local native = require "watchio.native"
local uv = require "luv"
local tables = require "watchio.base.tables"
local units = require "watchio.base.units"

local values = {}

--- The longest duration: a hundred years.
values.LONGEST_NS = 36500 * 24 * units.HOUR

local HIGHEST_PID = 1 << 22 -- the most that Linux can be set to

-- The noun for a value, with its article: "a table", "an action", "a watch".
local function noun(value)
  local meta = type(value) == "table" and getmetatable(value)
  local name = meta and type(meta.__name) == "string" and meta.__name:match("^watchio%.(.*)")
  name = name or type(value)
  return (name:find("^[aeiou]") and "an " or "a ") .. name
end

local LONGEST_TEXT = 100 -- that a message repeats

--- A value as messages show it.
---@param value any
---@return string
function values.show(value)
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  if type(value) ~= "string" then return value == nil and "nothing" or noun(value) end
  if #value <= LONGEST_TEXT then return ('"%s"'):format(value) end
  return ('"%s…" (%d bytes)'):format(value:sub(1, LONGEST_TEXT), #value)
end

--- A key as messages name it.
---@param key any
---@return string
function values.key(key)
  return type(key) == "string" and ("'%s'"):format(key) or values.show(key)
end

--- Whether a value is a plain table: no action, no watch, no target.
---@param value any
---@return boolean
function values.is_plain_table(value) return type(value) == "table" and noun(value) == "a table" end

local show = values.show

function values.text(value)
  if type(value) == "string" and value ~= "" and not value:find("\0") then return value end
  return nil, ("bad value %s (want a string that is not empty)"):format(show(value))
end

function values.boolean(value)
  if type(value) == "boolean" then return value end
  return nil, ("bad value %s (want true or false)"):format(show(value))
end

function values.pid(value)
  local pid = math.type(value) and math.tointeger(value)
  if pid and pid >= 1 and pid <= HIGHEST_PID then return pid end
  return nil, ("bad pid %s (want a positive whole number)"):format(show(value))
end

--- In a checked port: it is of UDP. See core/listener.h.
values.UDP = 0x10000

--- A port of TCP, or "udp:53".
function values.port(value)
  local udp = type(value) == "string" and tonumber(value:match "^udp:(%d+)$")
  local port = math.type(udp or value) and math.tointeger(udp or value)
  if port and port >= 1 and port <= 65535 then return udp and port | values.UDP or port end
  return nil, ('bad port %s (want 1 to 65535, or e.g. "udp:53")'):format(show(value))
end

--- A checked port as it is written.
---@param port integer
---@return string
function values.port_text(port)
  return port & values.UDP ~= 0 and "udp:" .. (port & ~values.UDP) or tostring(port)
end

local ANYBODY_WRITES <const> = 2 -- S_IWOTH of a file's mode

--- The path of a file that holds a pid. The file may appear later.
function values.pidfile(value)
  if not values.text(value) then return values.text(value) end
  local file, message, code = uv.fs_stat(value)
  if not file then
    if code == "ENOENT" then return value end
    return nil, ("cannot read %s (%s)"):format(value, message:match("^%u+: ([^:]*)"))
  end
  if file.type ~= "file" then
    return nil, ("%s is a %s (want a file)"):format(value, file.type)
  end
  if not uv.fs_access(value, "R") then return nil, ("may not read %s"):format(value) end
  if file.mode & ANYBODY_WRITES == 0 then return value end
  return nil, ("anybody may write %s, so it can name anybody (want chmod o-w)"):format(value)
end

-- Units as people write them → the right words.
local UNITS = {
  msec = "ms",
  millisecond = "ms",
  sec = "s",
  second = "s",
  min = "m",
  minute = "m",
  hr = "h",
  hour = "h",
  day = "d",
}

-- The same duration in the right words, if the text is one: "10 min" means "10m".
local function duration_meant(text)
  local close = text:lower():gsub("%s+", ""):gsub(",", "."):gsub(
    "%a+",
    function(unit) return UNITS[unit] or UNITS[unit:gsub("s$", "")] end
  )
  return close ~= text and native.duration(close) and close
end

local function bad_duration(value, message)
  if type(value) ~= "string" then return message end
  local meant = duration_meant(value)
  if meant then return ('bad duration %s (did you mean "%s"?)'):format(show(value), meant) end
  return #value > LONGEST_TEXT and ("bad duration %s"):format(show(value)) or message
end

--- A duration of at least `least` nanoseconds; without `least` any but zero.
function values.duration(least)
  return function(value)
    if type(value) ~= "number" and type(value) ~= "string" then
      return nil, ('bad duration %s (want e.g. "30s", "1h30m")'):format(show(value))
    end
    local ns, message = native.duration(value)
    if not ns then return nil, bad_duration(value, message) end
    if ns < (least or 1) then
      local wanted = least and "at least " .. native.format_duration(least) or "more than zero"
      return nil, ("bad duration %s (want %s)"):format(show(value), wanted)
    end
    if ns <= values.LONGEST_NS then return ns end
    return nil, ("bad duration %s (want at most a hundred years)"):format(show(value))
  end
end

--- A sampling interval.
values.interval = values.duration(10 * units.MILLISECOND)

-- Why a table is no list: it has keys, or a hole. The same table always gets the same message.
local function no_list(value, what)
  local stray
  for key in pairs(value) do
    local name = values.key(key)
    local is_index = math.type(key) == "integer" and key >= 1 and key <= #value
    if not is_index and (not stray or name < stray) then stray = name end
  end
  if stray then return ("unknown key %s in a list of %s"):format(stray, what) end
  for index = 1, #value do
    if value[index] == nil then return ("value %d of the list is nothing"):format(index) end
  end
end

--- One value, or a list of them. The result is always a list.
function values.list_of(kind)
  return function(value)
    if not values.is_plain_table(value) then value = { value } end
    local reason = no_list(value, "values")
    if reason then return nil, reason end
    if #value == 0 then return nil, "an empty list (want at least one value)" end
    local list = {}
    for index, item in ipairs(value) do
      local converted, message = kind(item)
      if converted == nil then return nil, message end
      list[index] = converted
    end
    return list
  end
end

--- One of the given words.
function values.one_of(...)
  local known = { ... }
  return function(value)
    if tables.has(known, value) then return value end
    local wanted = '"' .. table.concat(known, '" or "') .. '"'
    return nil, ("bad value %s (want %s)"):format(show(value), wanted)
  end
end

--- A name glob or a pid, as the first value of a watch.
function values.name_or_pid(value)
  local digits = type(value) == "string" and value:find("^%d+$")
  if type(value) == "number" or digits then return values.pid(tonumber(value)) end
  if values.text(value) then return value end
  return nil, ("bad target %s (want a name glob or a pid)"):format(show(value))
end

function values.argv(value)
  if not values.is_plain_table(value) then
    return nil, ('bad command %s (want a list such as { "make", "all" })'):format(show(value))
  end
  local reason = no_list(value, "arguments")
  if reason then return nil, reason end
  if #value == 0 then return nil, "an empty command" end
  local argv = {}
  for index, word in ipairs(value) do
    if type(word) == "number" then word = tostring(word) end
    if type(word) ~= "string" or word:find("\0") then
      return nil, ("bad argument %s (want a string)"):format(show(word))
    end
    argv[index] = word
  end
  if argv[1] == "" then return nil, "an empty command" end
  return argv
end

function values.environment(value)
  if type(value) ~= "table" then
    return nil, ('bad value %s (want e.g. { LANG = "C" })'):format(show(value))
  end
  local environment = {}
  for name, text in pairs(value) do
    if type(name) ~= "string" or name == "" or name:find("[=%z]") then
      return nil, ("bad name %s (want e.g. LANG)"):format(show(name))
    end
    if type(text) ~= "string" and type(text) ~= "number" or tostring(text):find("\0") then
      return nil, ("bad value %s for %s (want a string)"):format(show(text), name)
    end
    environment[name] = tostring(text)
  end
  return environment
end

--- The verbs → their names. A verb in place of an action was not called.
---@type table<function, string>
values.verbs = setmetatable({}, { __mode = "k" })

local DEEPEST = 16 -- list of actions in a list of actions

local function check_action(value, depth)
  local verb = values.verbs[value]
  if verb then return nil, ("the verb %s is not called (want %s(…))"):format(verb, verb) end
  if type(value) == "function" or action.is(value) then return value end
  if type(value) == "string" and value:find("%S") and not value:find("\0") then return value end
  if type(value) == "string" then return nil, "an empty command" end
  if not values.is_plain_table(value) then
    return nil, ("bad action %s (want a function, a command or a list)"):format(show(value))
  end
  if depth > DEEPEST then
    return nil, ("lists of actions nested more than %d deep"):format(DEEPEST)
  end
  if next(value) == nil then return nil, "an empty list of actions" end
  local reason = no_list(value, "actions")
  if reason then return nil, reason end
  for _, step in ipairs(value) do
    local checked, message = check_action(step, depth + 1)
    if checked == nil then return nil, message end
  end
  return value
end

--- An action, a function, a string (short for run) or a list of them; returned as it is.
function values.action(value) return check_action(value, 1) end

return values
