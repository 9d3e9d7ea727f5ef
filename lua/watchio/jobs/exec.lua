-- SPDX-License-Identifier: MIT
-- Runs a command for watchio's caller, and ends it with everything it started when it is idle or
-- runs for too long.
local uv = require "luv"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local judging = require "watchio.jobs.exec_judging"
local native = require "watchio.native"
local summary = require "watchio.jobs.exec_summary"
local units = require "watchio.base.units"
local watch = require "watchio.watch.watch"

local exec = {}

local SECOND = units.SECOND
local NEVER = 36500 * 86400 -- seconds
local C = uv.constants

-- If one of these signals stops the command, a shell takes the terminal back.
local stops_the_job = {
  [C.SIGTSTP] = true,
  [C.SIGTTIN] = true,
  [C.SIGTTOU] = true,
  [C.SIGSTOP] = true,
}

-- Once the command is being ended, these signals end it at once.
local hurries = {
  [C.SIGINT] = true,
  [C.SIGTERM] = true,
  [C.SIGQUIT] = true,
  [C.SIGHUP] = true,
}

---@class watchio.ExecOptions
---@field argv string[]
---@field idle_ns? integer how long it may be idle
---@field max_ns? integer how long it may run; while it is stopped this clock stands still too
---@field grace_ns integer from TERM to KILL
---@field every_ns integer the sampling interval

---@class watchio.Exec
---@field session watchio.Session
---@field reaper watchio.native.Reaper
---@field options watchio.ExecOptions
---@field text string the command, for people
---@field pid integer
---@field started_ns integer
---@field target? watchio.Target while a process of it is known to live
---@field ended? { status: integer?, signal: integer?, at_ns: integer }
---@field held boolean the command is stopped
---@field ending boolean a limit was reached, and it is being ended
---@field history? table<string, any> the facts of its target, for the summary
---@field failed? string the traceback of a failure of watchio's own
---@field finished? boolean its end was told
---@field childless? boolean the command and all its orphans have ended and are reaped
---@field reaped_ns? integer when the latest orphan ended
---@field watch watchio.Watch
---@field max_at_ns? integer when it has run for too long
---@field max_alarm? integer the alarm for that time
---@field max_left_ns? integer the time left when it was stopped
local Exec = {}
Exec.__index = Exec

--- Wraps `act` so that an error in it ends the session. Otherwise nobody might ever notice the end
--- of the command.
---@param act function
---@return fun(...)
function Exec:protected(act)
  return function(...)
    local ok, traceback = xpcall(act, debug.traceback, ...)
    if not ok then self:fail(traceback) end
  end
end

--- Calls `ring` once, `ns` from now.
---@param ns integer
---@param ring fun()
---@return integer alarm
function Exec:alarm(ns, ring) return self.session:alarm(ns, self:protected(ring)) end

-- Signals ----------------------------------------------------------------------------------------

local OUTSIDE <const> = 0 -- the pid of a sender that is not in this pid namespace: docker stop

-- Whether a process descends from the command. A signal that such a process sends to the whole
-- group has reached all.
local function is_of_the_tree(self, pid)
  local own = uv.os_getpid()
  for _ = 1, 1024 do
    if pid == self.pid then return true end
    local process = self.session.monitor:describe(pid)
    pid = process and process.ppid or 0
    if pid == own then return true end
    if pid <= 1 then return false end
  end
  return false
end

local function is_stopped(self)
  local process = self.session.monitor:describe(self.pid)
  return process ~= nil and process.state == "T"
end

-- The kernel's own signals, such as that of a ^C, go to all processes in the foreground of the
-- terminal, including the command. Only an alarm is for this process alone.
local function passes_on(self, number, sender)
  if self.ended or number == C.SIGCHLD then return false end
  if number == C.SIGCONT then return is_stopped(self) end
  if not sender then return number == C.SIGALRM end
  return sender == OUTSIDE or not is_of_the_tree(self, sender)
end

local function take_signal(self, number, sender)
  if passes_on(self, number, sender) then self.send(self.pid, number) end
  if self.ending and hurries[number] then self.session:hurry() end
end

-- Children ---------------------------------------------------------------------------------------

local function take_change(self, pid, change, value)
  local has_ended = change == "exited" or change == "killed"
  if pid ~= self.pid then
    if has_ended then self.reaped_ns = self.session:now() end
  elseif has_ended then
    self.ended = { at_ns = self.session:now() }
    self.ended[change == "exited" and "status" or "signal"] = value
  elseif change == "stopped" then
    judging.hold(self, true)
    if stops_the_job[value] then self.reaper:stop() end
  else
    judging.hold(self, false)
  end
end

--- Waits for the children that have changed.
function Exec:reap()
  local pid, change, value
  repeat
    pid, change, value = self.reaper:change()
    if pid then take_change(self, pid, change, value) end
  until not pid
  self.childless = pid == false
end

-- The command has ended by itself. The processes that it leaves behind go on.
local function command_ended(self)
  if self.ending then return end -- sweep finishes
  local gone = self.target and self.session.monitor:look(self.target.id) == "gone"
  if not gone then self:finish() end -- else its exit event is on its way
end

local function hear(self)
  local had_ended = self.ended
  repeat
    local number, sender = self.reaper:signal()
    if number then take_signal(self, number, sender) end
  until not number
  self:reap()
  if self.ended and not had_ended then command_ended(self) end
end

--- Reads the signals, and the changes of children.
function Exec:hear() self:protected(hear)(self) end

-- The end ----------------------------------------------------------------------------------------

--- The exit status: the command's own, 128 and the signal that ended it, or 124 at a limit.
---@return integer
function Exec:status()
  if self.ending then return exit_status.LIMIT_REACHED end
  return self.ended.status or 128 + self.ended.signal
end

function Exec:finish()
  if self.finished then return end
  self.finished = true
  summary.tell(self)
  self.session:quit(self:status())
end

--- watchio itself has failed: the command goes on, and nobody waits for it any more.
---@param traceback string
function Exec:fail(traceback)
  if self.failed then return end
  self.failed, self.finished = traceback, true
  self.session:abandon(exit_status.OWN_FAILURE)
end

-- The native event of an exit has these facts; the public event does not.
local function observe(self, event, receive)
  receive(event)
  if event.type ~= "exit" then return end
  summary.keep(self, event)
  self.target = nil
  if self.ended and not self.ending then self:finish() end
end

local function add_watch(self)
  local options = self.options
  self.watch = watch.new(self.session, {
    pid = self.pid,
    label = self.text,
    every = options.every_ns / SECOND,
    idle = options.idle_ns and options.idle_ns / SECOND or NEVER,
    on_start = function(target) self.target = target end,
    on_idle = self:protected(function() judging.check_idle(self) end),
  }, {
    observe = self:protected(function(event, receive) observe(self, event, receive) end),
    adopts = true,
  })
end

-- A hint for a command that does not exist.
local function meant_by(argv)
  local word = format.escape(argv[1])
  if argv[2] and native.duration(word) then
    return (" (a limit? want --max %s)"):format(word)
  end
  if argv[2] or not word:find " " then return "" end
  return (" (a shell line? want sh -c '%s')"):format(word:gsub("'", [['\'']]))
end

local function start(reaper, argv)
  local pid, message, code = native.launch(nil, reaper.start, reaper, argv)
  if pid then return pid end
  local status = code == "ENOENT" and exit_status.NOT_FOUND or exit_status.NOT_EXECUTABLE
  if code == "EAGAIN" or code == "ENOMEM" then status = exit_status.OWN_FAILURE end
  if code == "ENOENT" then message = message .. meant_by(argv) end
  return nil, status, ("cannot run '%s': %s"):format(format.escape(argv[1]), message)
end

--- Starts the command. The caller then calls `hear` whenever the reaper is readable. At the end the
--- session quits with the exit status.
---@param session watchio.Session
---@param reaper watchio.native.Reaper
---@param options watchio.ExecOptions
---@param send? fun(pid: integer, number: integer) signals the command; default: luv's
---@return watchio.Exec?
---@return integer? status where it could not be started
---@return string? message
function exec.start(session, reaper, options, send)
  session.monitor:count_forks(uv.os_getpid()) -- where the kernel reports forks
  local pid, status, message = start(reaper, options.argv)
  if not pid then return nil, status, message end
  local self = setmetatable({
    session = session,
    reaper = reaper,
    options = options,
    send = send or uv.kill,
    text = format.command(options.argv),
    pid = pid,
    started_ns = session:now(),
    held = false,
    ending = false,
  }, Exec)
  add_watch(self)
  if options.max_ns then judging.expect_max(self, options.max_ns) end
  return self
end

return exec
