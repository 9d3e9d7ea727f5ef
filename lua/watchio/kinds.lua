-- Kinds of values: each takes what a policy gives and returns what the inner functions want, or
-- nil and what was wanted.
local action = require "watchio.action"
local native = require "watchio.native"
local uv = require "luv"

local kinds = {}

local MILLISECOND = 1000000
local LONGEST = 36500 * 86400 * 1000 * MILLISECOND -- a hundred years
local HIGHEST_PID = 1 << 22 -- the most that Linux can be set to

--- A value as a message repeats it.
---@param value any
---@return string
function kinds.show(value)
  if type(value) == "string" then return ('"%s"'):format(value) end
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  return value == nil and "nothing" or "a " .. type(value)
end

local show = kinds.show

function kinds.text(value)
  if type(value) == "string" and value ~= "" and not value:find("\0") then return value end
  return nil, ("bad value %s (want a string that is not empty)"):format(show(value))
end

function kinds.pid(value)
  local pid = math.type(value) and math.tointeger(value)
  if pid and pid >= 1 and pid <= HIGHEST_PID then return pid end
  return nil, ("bad pid %s (want a positive whole number)"):format(show(value))
end

function kinds.port(value)
  local port = math.type(value) and math.tointeger(value)
  if port and port >= 1 and port <= 65535 then return port end
  return nil, ("bad port %s (want 1 to 65535)"):format(show(value))
end

local ANYBODY_WRITES <const> = 2 -- S_IWOTH of a file's mode

--- The path of a file that holds a pid; it may come later.
function kinds.pidfile(value)
  if not kinds.text(value) then return kinds.text(value) end
  local file, message, code = uv.fs_stat(value)
  if not file then
    if code == "ENOENT" then return value end
    return nil, ("cannot read %s (%s)"):format(value, message:match("^%u+: ([^:]*)"))
  end
  if file.type ~= "file" then return nil, ("%s is a %s (want a file)"):format(value, file.type) end
  if not uv.fs_access(value, "R") then return nil, ("may not read %s"):format(value) end
  if file.mode & ANYBODY_WRITES == 0 then return value end
  return nil, ("anybody may write %s, so it can name anybody (want chmod o-w)"):format(value)
end

--- A duration of at least `least` nanoseconds; without it any but zero.
function kinds.duration(least)
  return function(value)
    if type(value) ~= "number" and type(value) ~= "string" then
      return nil, ('bad duration %s (want e.g. "30s", "1h30m")'):format(show(value))
    end
    local ns, message = native.duration(value)
    if not ns then return nil, message end
    if ns < (least or 1) then
      local wanted = least and "at least " .. native.format_duration(least) or "more than zero"
      return nil, ("bad duration %s (want %s)"):format(show(value), wanted)
    end
    if ns <= LONGEST then return ns end
    return nil, ("bad duration %s (want at most a hundred years)"):format(show(value))
  end
end

--- One value of a kind, or a list of them; always returns a list.
function kinds.list_of(kind)
  return function(value)
    if type(value) ~= "table" then value = { value } end
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
function kinds.one_of(...)
  local known = { ... }
  return function(value)
    for _, word in ipairs(known) do
      if value == word then return value end
    end
    local wanted = '"' .. table.concat(known, '" or "') .. '"'
    return nil, ("bad value %s (want %s)"):format(show(value), wanted)
  end
end

--- A name glob or a pid, as the first value of a watch.
function kinds.name_or_pid(value)
  if type(value) == "number" then return kinds.pid(value) end
  if type(value) == "string" and value ~= "" then return value end
  return nil, ("bad target %s (want a name glob or a pid)"):format(show(value))
end

function kinds.argv(value)
  if type(value) ~= "table" then
    return nil, ('bad command %s (want a list such as { "make", "all" })'):format(show(value))
  end
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

function kinds.environment(value)
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

--- An action, a function, a string (short for run) or a list of them; returned as it is.
function kinds.action(value)
  if type(value) == "function" or action.is(value) then return value end
  if type(value) == "string" and value:find("%S") and not value:find("\0") then return value end
  if type(value) == "string" then return nil, "an empty command" end
  if type(value) ~= "table" then
    return nil, ("bad action %s (want a function, a command or a list)"):format(show(value))
  end
  if next(value) == nil then return nil, "an empty list of actions" end
  for key, step in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      return nil, ("unknown key '%s' in a list of actions"):format(tostring(key))
    end
    local checked, message = kinds.action(step)
    if checked == nil then return nil, message end
  end
  return value
end

return kinds
