-- SPDX-License-Identifier: MIT
-- Starts a command for run, for notify and for the key spawn of a watch, and reports its start and
-- its end.
local uv = require "luv"
local command = require "watchio.command.command"
local environment = require "watchio.command.environment"
local report = require "watchio.show.report"

local launch = {}

-- The event as `--json` shows it, with the time of the event.
local function as_json(session, about, event)
  local record = { event = event and event.type, watch = about and about.label }
  for key, value in pairs(event or {}) do
    if key ~= "type" and key ~= "time" then record[key] = value end
  end
  record.target = about and session.brief(about)
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

--- Starts a command and reports it. A hidden command matches no pattern of a watch.
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

--- Reports how a command has ended.
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
