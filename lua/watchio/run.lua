-- run "line" and run { "argv0", … }: commands.
local uv = require "luv"
local command = require "watchio.command"
local format = require "watchio.format"
local schema = require "watchio.schema"
local slot = require "watchio.slot"
local task = require "watchio.task"

local run = {}

--- The environment of a command: what watchio inherited, what the policy adds, and what happened.
---@param extra table<string, string>
---@param target? watchio.Target
---@param event? watchio.Event
---@return string[]
function run.environment(extra, target, event)
  local values = uv.os_environ()
  for name, value in pairs(extra) do values[name] = value end
  values.WATCHIO_EVENT = event and event.type or ""
  values.WATCHIO_WATCH = target and target.label or ""
  values.WATCHIO_PID = target and tostring(target.pid) or ""
  values.WATCHIO_PIDS = target and table.concat(target.pids, " ") or ""
  values.WATCHIO_NAME = target and target.name or ""
  local list = {}
  for name, value in pairs(values) do list[#list + 1] = name .. "=" .. value end
  return list
end

local function cannot_start(session, spec, target, message)
  local reason = ("cannot start '%s': %s"):format(spec.argv[1], message)
  if spec.cwd then reason = reason .. (" (in '%s')"):format(spec.cwd) end
  session:record("error", target, { command = spec.text, reason = reason })
  return false, reason
end

-- Starts the command and waits until nothing of it is left.
local function execute(session, spec, target, event)
  local timed_out, timer
  local options = {
    argv = spec.argv,
    cwd = spec.cwd,
    env = run.environment(spec.env, target, event),
    output = session.command_output,
  }
  local message
  local ended = task.await(function(resume)
    local started
    started, message = command.start(session, options, true, resume)
    if not started then return resume(nil) end
    session:record("run", target, { command = spec.text, pid = started.group.pid })
    timer = spec.timeout_ns and session:alarm(spec.timeout_ns, function()
      timed_out = "timed out after " .. format.span(spec.timeout_ns / 1e9)
      started:terminate()
    end)
  end)
  if timer then session:cancel(timer) end
  if not ended then return cannot_start(session, spec, target, message) end
  session:record("done", target, {
    command = spec.text,
    pid = ended.group.pid,
    status = ended.status,
    signal = ended.signal,
    seconds = ended.seconds,
    reason = timed_out,
  })
  return ended.status == 0 and not timed_out
end

local function perform(session, spec, place, target, event)
  if session.finishing then return false, "watchio ends" end
  if session.dry then
    session:record("run", target, { command = spec.text })
    return true
  end
  if not place:enter() then
    session:record("skip", target, { command = spec.text, reason = "it still runs" })
    return false, "it still runs"
  end
  local _ <close> = setmetatable({}, { __close = function() place:leave() end })
  if session.finishing then return false, "watchio ends" end
  return execute(session, spec, target, event)
end

--- An action that runs a command. It returns true when the command ended with status 0.
---@param session watchio.Session
---@param options string|watchio.RunOptions
---@return fun(target: watchio.Target?, event: watchio.Event?): boolean?, string?
function run.new(session, options)
  local spec = schema.run(options)
  local place = slot.new(spec.busy)
  return session:waiting_action("run", function(target, event)
    return perform(session, spec, place, target, event)
  end)
end

return run
