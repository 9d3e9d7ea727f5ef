-- SPDX-License-Identifier: MIT
-- run "line" and run { "argv0", … }: commands.
local action = require "watchio.tasks.action"
local format = require "watchio.base.format"
local values = require "watchio.check.values"
local launch = require "watchio.command.launch"
local launch_options = require "watchio.check.launch_options"
local shape = require "watchio.check.shape"
local slot = require "watchio.tasks.slot"
local task = require "watchio.tasks.task"
local units = require "watchio.base.units"

local run = {}

local SECOND = units.SECOND
local LONGEST_WAIT = units.HOUR -- between two tries

-- One call of the action: its tries and the waits between them.
---@class watchio.RunCall: watchio.Call
---@field session watchio.Session
---@field spec table
---@field target? watchio.Target
---@field event? watchio.Event
---@field stopped? boolean another one is to take its place
---@field command? watchio.Command while one runs
---@field wake? fun() while it waits for the next try
local Call = {}
Call.__index = Call

function Call:stop()
  self.stopped = true
  if self.command then self.command:terminate() end
  if self.wake then self.wake() end
end

-- The time until the next try, if the present one fails; nil if it is the last.
local function wait_after(spec, try)
  local retry = spec.retry
  if not retry or try > retry.times then return nil end
  return math.min(retry.backoff_ns << math.min(try - 1, 20), LONGEST_WAIT)
end

local function in_words(reasons) return #reasons > 0 and table.concat(reasons, ", ") or nil end

-- Starts the command and waits until no process of it is left.
function Call:execute()
  local session, spec, timer = self.session, self.spec, nil
  local ended, message = task.await(function(resume)
    local started, why = launch.start(session, spec, self.target, self.event, true, resume)
    if not started then return resume(nil, why) end
    self.command = started
    timer = spec.timeout_ns
      and session:alarm(spec.timeout_ns, function()
        self.timed_out = true
        started:terminate()
      end)
  end)
  self.command = nil
  if timer then session:cancel(timer) end
  return ended, message
end

-- One try. A failure is reported with the time until the next.
function Call:try(retry_ns)
  local session, spec, reasons = self.session, self.spec, {}
  self.timed_out = false
  local ended, message = self:execute()
  local done = ended ~= nil and ended.status == 0 and not self.timed_out
  if not ended then reasons[1] = message end
  if self.timed_out then
    reasons[1] = "timed out after " .. format.span(spec.timeout_ns / SECOND)
  end
  if self.stopped then reasons[#reasons + 1] = "restarted" end
  local again = not done and retry_ns and not self.stopped and not session.finishing
  if again then reasons[#reasons + 1] = "retry in " .. format.span(retry_ns / SECOND) end
  local reason = in_words(reasons)
  if ended then
    launch.tell_end(session, spec, self.target, ended, reason)
  else
    session:record("error", self.target, { command = spec.text, reason = reason })
  end
  return done, again, reason
end

function Call:pause(ns)
  local alarm
  task.await(function(resume)
    self.wake = resume
    alarm = self.session:alarm(ns, resume)
  end)
  self.wake = nil
  self.session:cancel(alarm)
end

-- Tries until the command succeeds, but not more often than `retry` says.
function Call:do_it()
  local try = 0
  while true do
    try = try + 1
    local retry_ns = wait_after(self.spec, try)
    local done, again, reason = self:try(retry_ns)
    if done then return true end
    if not again then return false, reason end
    self:pause(retry_ns)
    if self.stopped then return false, "restarted" end
  end
end

local function perform(self, target, event)
  local session, spec, place = self.session, self.options, self.state
  if session.finishing then return false, "watchio ends" end
  if session.dry then
    session:record("run", target, { command = spec.text })
    return true
  end
  local call = setmetatable({
    session = session,
    spec = spec,
    target = target,
    event = event,
  }, Call)
  local entered, reason = place:enter(session, call)
  if not entered then
    session:record("skip", target, { command = spec.text, reason = reason })
    return false, reason
  end
  local _ <close> = setmetatable({}, { __close = function() place:leave(session) end })
  if session.finishing then return false, "watchio ends" end
  return call:do_it()
end

local MOST_TRIES = 1000

local function check_times(value)
  local times = math.type(value) and math.tointeger(value)
  if times and times >= 1 and times <= MOST_TRIES then return times end
  return nil, ("bad value %s (want 1 to %d)"):format(values.show(value), MOST_TRIES)
end

local retry_shape = { keys = { times = check_times, backoff = values.duration() } }

local function check_retry(value)
  local checked, message = shape.check(retry_shape, value)
  if not checked then return nil, message end
  if not checked.times then return nil, "times is missing (want e.g. times = 3)" end
  return { times = checked.times, backoff_ns = checked.backoff or SECOND }
end

local run_shape = {
  keys = {
    busy = values.one_of("skip", "queue", "restart", "parallel"),
    cooldown = values.duration(),
    timeout = values.duration(),
    retry = check_retry,
    stdin = values.one_of("json"),
  },
  list = values.argv,
}
for key, kind in pairs(launch_options.keys) do
  run_shape.keys[key] = kind
end

-- A shell line, or a table with the arguments.
local function check(options)
  local checked, message
  if type(options) == "string" then
    checked, message = values.action(options)
    checked = checked and { list = { "/bin/sh", "-c", options }, text = options }
  else
    checked, message = shape.check(run_shape, options)
  end
  if not checked then return nil, message end
  if not checked.list then return nil, 'no command (want e.g. run { "make", "all" })' end
  local spec = launch_options.of(checked)
  spec.busy, spec.cooldown_ns = checked.busy or "skip", checked.cooldown or 0
  spec.timeout_ns, spec.retry = checked.timeout, checked.retry
  return spec
end

-- The command, and in brackets the options that are not as usual.
local function text(spec)
  local notes = {}
  local function note(format_string, value)
    if value then notes[#notes + 1] = format_string:format(value) end
  end
  local function span(ns) return ns and ns > 0 and format.span(ns / SECOND) end
  note("as %s", spec.user and spec.user.name)
  note("%s", spec.busy ~= "skip" and spec.busy)
  note("cooldown %s", span(spec.cooldown_ns))
  note("timeout %s", span(spec.timeout_ns))
  local times = spec.retry and spec.retry.times
  note("%s", times == 1 and "1 retry" or times and times .. " retries")
  local all = table.concat(notes, ", ")
  return all == "" and spec.text or ("%s (%s)"):format(spec.text, all)
end

--- An action that runs a command. It returns true if the command ended with status 0.
---@param session watchio.Session
---@param options string|watchio.RunOptions
---@return fun(target: watchio.Target?, event: watchio.Event?): boolean?, string?
run.new = action.define {
  name = "run",
  check = check,
  text = text,
  new_state = slot.new,
  perform = perform,
}

return run
