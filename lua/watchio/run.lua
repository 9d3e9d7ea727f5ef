-- run "line" and run { "argv0", … }: commands.
local uv = require "luv"
local action = require "watchio.action"
local command = require "watchio.command"
local format = require "watchio.format"
local kinds = require "watchio.kinds"
local shape = require "watchio.shape"
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

local function perform(self, target, event)
  local session, spec, place = self.session, self.options, self.state
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

local run_shape = {
  keys = {
    busy = kinds.one_of("skip", "queue"),
    timeout = kinds.duration(),
    cwd = kinds.text,
    env = kinds.environment,
  },
  list = kinds.argv,
}

-- A shell line, or a table with the arguments.
local function check(options)
  if type(options) == "string" then
    local line, message = kinds.action(options)
    if not line then return nil, message end
    return { argv = { "/bin/sh", "-c", line }, text = line, busy = "skip", env = {} }
  end
  local values, message = shape.check(run_shape, options)
  if not values then return nil, message end
  if not values.list then return nil, 'no command (want e.g. run { "make", "all" })' end
  return {
    argv = values.list,
    text = format.command(values.list),
    busy = values.busy or "skip",
    timeout_ns = values.timeout,
    cwd = values.cwd,
    env = values.env or {},
  }
end

--- An action that runs a command. It returns true when the command ended with status 0.
---@param session watchio.Session
---@param options string|watchio.RunOptions
---@return fun(target: watchio.Target?, event: watchio.Event?): boolean?, string?
run.new = action.define {
  name = "run",
  check = check,
  text = function(options) return options.text end,
  new_state = function(options) return slot.new(options.busy) end,
  perform = perform,
}

return run
