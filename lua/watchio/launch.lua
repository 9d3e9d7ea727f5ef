-- SPDX-License-Identifier: MIT
-- How a command is started, by run, by the key spawn of a watch and by notify: what it is given,
-- and the records of its start and its end.
local uv = require "luv"
local command = require "watchio.command"
local environment = require "watchio.environment"
local format = require "watchio.format"
local kinds = require "watchio.kinds"
local native = require "watchio.native"
local report = require "watchio.report"
local shape = require "watchio.shape"
local target = require "watchio.target"
local users = require "watchio.users"

local launch = {}

local function unknown_user(user)
  local _, message = users.uid(user)
  return nil, message or ("no user has the uid %s"):format(user)
end

-- Whom a command runs as. Asked once, while the policy loads.
local function check_user(value)
  if math.type(value) ~= "integer" and type(value) ~= "string" then
    return unknown_user(value)
  end
  local user, message, code = native.user(tostring(value))
  if not user then
    if code == "ENOENT" then return unknown_user(value) end
    return nil, ("cannot look up user %s (%s)"):format(kinds.show(value), message)
  end
  if user.uid == uv.getuid() or native.may_change_user() then return user end
  return nil, ("not permitted to become %s (want root)"):format(kinds.show(user.name))
end

local PLACES = { terminal = true, log = true, null = true }

local function check_output(value)
  if type(value) == "string" and (PLACES[value] or value:find("^/[^%z]*[^/%z]$")) then
    return value
  end
  return nil,
    ('bad value %s (want "terminal", "log", "null" or a path such as "/tmp/log")'):format(
      kinds.show(value)
    )
end

--- The keys that say how a command is started.
launch.keys = {
  cwd = kinds.text,
  env = kinds.environment,
  user = check_user,
  output = check_output,
}

local launch_shape = { keys = launch.keys, list = kinds.argv }

--- Checks the command of a `spawn`.
---@param value any
---@return watchio.Launch?
---@return string? message
function launch.check(value)
  if type(value) ~= "table" or #value == 0 then return kinds.argv(value) end
  local values, message = shape.check(launch_shape, value)
  return values and launch.of(values), message
end

---@class watchio.Launch how a command is started; data
---@field argv string[]
---@field text string for people
---@field cwd? string
---@field env table<string, string>
---@field user? watchio.native.User
---@field output string
---@field stdin? "json"

--- Makes it of checked values; `list` is the command.
---@param values table
---@return watchio.Launch
function launch.of(values)
  return {
    argv = values.list,
    text = values.text or format.command(values.list),
    cwd = values.cwd,
    env = values.env or {},
    user = values.user,
    output = values.output or "terminal",
    stdin = values.stdin,
  }
end

-- The event as `--json` tells it, at the time when it was.
local function as_json(session, about, event)
  local record = { event = event and event.type, watch = about and about.label }
  for key, value in pairs(event or {}) do
    if key ~= "type" and key ~= "time" then record[key] = value end
  end
  record.target = about and target.brief(about)
  local seconds, microseconds = uv.gettimeofday()
  if event and event.time then
    local ago = math.floor(session:now() / 1000 - event.time * 1e6)
    local at = seconds * 1000000 + microseconds - ago
    seconds, microseconds = at // 1000000, at % 1000000
  end
  return report.json(record, seconds, microseconds) .. "\n"
end

local function group_options(session, spec, about, event, on_line)
  local user = spec.user
  return {
    argv = spec.argv,
    cwd = spec.cwd,
    env = environment.of(user, spec.env, about, event),
    user = user and user.uid ~= uv.getuid() and user or nil,
    input = spec.stdin and as_json(session, about, event),
    output = spec.output,
    terminal = session.command_output,
    on_line = on_line,
  }
end

--- Starts a command and tells of it. One that is hidden matches no pattern of a watch.
---@param session watchio.Session
---@param spec watchio.Launch
---@param about? watchio.Target|watchio.Watch
---@param event? watchio.Event
---@param hidden boolean
---@param on_end fun(command: watchio.Command) nothing of it is left
---@return watchio.Command?
---@return string? message
---@return string? code
function launch.start(session, spec, about, event, hidden, on_end)
  local started, message, code
  local options = group_options(session, spec, about, event, function(line)
    local fields = { command = spec.text, pid = started.group.pid, message = line }
    session:record("output", about, fields)
  end)
  started, message, code = command.start(session, options, hidden, on_end)
  if started then
    session:record("run", about, { command = spec.text, pid = started.group.pid })
    return started
  end
  message = ("cannot start '%s': %s"):format(spec.argv[1], message)
  if spec.cwd then message = message .. (" (in '%s')"):format(spec.cwd) end
  return nil, message, code
end

--- Tells how a command has ended.
---@param session watchio.Session
---@param spec watchio.Launch
---@param about? watchio.Target|watchio.Watch
---@param ended watchio.Command
---@param reason? string
function launch.tell_end(session, spec, about, ended, reason)
  session:record("done", about, {
    command = spec.text,
    pid = ended.group.pid,
    status = ended.status,
    signal = ended.signal,
    seconds = ended.seconds,
    reason = reason,
  })
end

return launch
