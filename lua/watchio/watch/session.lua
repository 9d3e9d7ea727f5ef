-- SPDX-License-Identifier: MIT
-- A session: one monitor with its watches, targets, alarms and commands, on luv's loop or on a
-- virtual clock.
local uv = require "luv"
local action = require "watchio.tasks.action"
local group = require "watchio.command.group"
local budget = require "watchio.tasks.budget"
local exit_status = require "watchio.base.exit_status"
local handles = require "watchio.watch.handles"
local mistake = require "watchio.base.mistake"
local observers = require "watchio.watch.observers"
local native = require "watchio.native"
local proc = require "watchio.base.proc"
local protect = require "watchio.verbs.protect"
local edition = require "watchio.watch.edition"
local ordered = require "watchio.base.ordered"
local target = require "watchio.watch.target"
local task = require "watchio.tasks.task"
local units = require "watchio.base.units"
local waits = require "watchio.tasks.waits"

---@class watchio.Session
---@field monitor watchio.native.Monitor
---@field root? string the /proc it looks at, when it is not the kernel's
---@field crowded? boolean not every process can be held
---@field dry boolean nothing is done, only told
---@field loading boolean a policy loads: nothing is started yet
---@field finishing boolean
---@field closed? boolean its monitor is gone
---@field hurried? boolean what is under way gets no more time
---@field verbose boolean tells of what almost happened
---@field seen boolean some target was seen
---@field failures integer errors so far
---@field watched boolean a watch was added, though it may be over by now
---@field edition watchio.Edition the policy at work
---@field observers watchio.Observers of its native watches
---@field targets table<integer, watchio.Target> that are judged
---@field private alarms table<integer, fun()> what rings
---@field private alarms_of_work table<integer, boolean> those that ring also while it finishes
---@field private followers table<watchio.Target, watchio.Ordered> see `follow`
---@field private work watchio.Ordered watchio.Work under way
---@field private ends fun()[] what is done before all else when it finishes or is closed
---@field spawn fun(options: watchio.GroupOptions, on_exit: fun(status, signal)): watchio.Group?
---@field pin fun(target: integer): watchio.native.Pinned?
---@field command_output integer the descriptor for the commands' output
---@field budget watchio.Budget
---@field begun? boolean a policy has loaded
---@field private rehearses? boolean an end is told, too, and not done
---@field strict boolean ends with status 5 at the first error
---@field on_record fun(record: table)
local Session = {}
Session.__index = Session

local session = {}

---@class watchio.SessionOptions
---@field root? string the /proc to look at
---@field virtual? boolean not on luv's loop: `advance` moves the time
---@field spawn? function starts commands, in place of luv
---@field pin? function pins processes, in place of the monitor
---@field dry? boolean
---@field verbose? boolean
---@field strict? boolean
---@field budget_ns? integer see watchio.BudgetOptions
---@field memory? integer
---@field command_output? integer the descriptor for the commands' output; default 1
---@field on_record? fun(record: table)

--- Makes a session.
---@param options? watchio.SessionOptions
---@return watchio.Session
function session.new(options)
  options = options or {}
  local blind = not options.root and proc.fault()
  if blind then mistake.raise(blind) end
  local monitor = assert(native.monitor { root = options.root })
  local self = setmetatable({
    monitor = monitor,
    edition = edition.new(),
    root = options.root,
    virtual = options.virtual or false,
    dry = options.dry or false,
    strict = options.strict or false,
    budget = budget.new(options),
    loading = false,
    finishing = false,
    seen = false,
    watched = false,
    failures = 0,
    targets = {},
    alarms = {},
    alarms_of_work = {},
    followers = {},
    work = ordered.new(),
    ends = {},
    verbose = options.verbose or false,
    spawn = options.spawn
      or function(command, on_exit) return group.start(monitor, command, on_exit) end,
    pin = options.pin or function(id) return monitor:pin(id) end,
    command_output = options.command_output or 1,
    on_record = options.on_record or function() end,
  }, Session)
  self.observers = observers.new(self)
  protect.apply(self)
  if not self.virtual then
    monitor:attach(
      function(event) self:deliver(event) end,
      function(traceback) self:record("error", nil, { reason = traceback }) end,
      function(late_ns) self:came_late(late_ns) end
    )
  end
  return self
end

---@return integer ns
function Session:now() return self.monitor:now() end

--- Delivers one event to whom it concerns.
---@param event watchio.native.Event
function Session:deliver(event)
  if event.type == "alarm" then
    local ring = self.alarms[event.alarm]
    self.alarms[event.alarm], self.alarms_of_work[event.alarm] = nil, nil
    if ring then ring() end
  else
    self.observers:deliver(event)
  end
end

--- Has somebody else told from now on.
---@param on_record fun(record: table)
function Session:tell_to(on_record) self.on_record = on_record end

--- What records say of a target: for those below who know no targets.
Session.brief = target.brief

--- Tells what happened.
---@param event string
---@param about? watchio.Target|watchio.Watch
---@param fields? table
function Session:record(event, about, fields)
  task.catch_up()
  local record = { event = event, watch = about and about.label }
  if about then record.target = target.brief(about) end
  for name, value in pairs(fields or {}) do
    record[name] = value
  end
  if self.dry then record.dry = true end
  if event == "error" then self.failures = self.failures + 1 end
  self.on_record(record)
  if event == "error" and self.strict and not self.finishing then
    self:quit(exit_status.HANDLER_FAILED)
  end
end

--- The loop came behind its time: told at most once a minute.
---@param late_ns integer
function Session:came_late(late_ns)
  local reason = self.budget:came_late(late_ns)
  if reason then
    self:record("late", nil, { seconds = late_ns / units.SECOND, reason = reason })
  end
end

--- How late the loop ever came, and the latest time that it came more than a second late.
---@return { most_ns: integer, last: { ns: integer, ago_ns: integer, what: string? }? }
function Session:lateness()
  return { most_ns = self.monitor:stats().late_ns, last = self.budget:lateness() }
end

--- Tells, once, that there are more processes than descriptors to hold them by.
function Session:tell_if_crowded()
  if self.crowded or self.root then return end -- the processes of another tree are never held
  local stats = self.monitor:stats()
  self.crowded = stats.pinned < stats.processes
  if not self.crowded then return end
  self:record("log", nil, {
    message = (
      "descriptors for %d processes only (see ulimit -n): the others are read the slow "
      .. "way, and their end is seen at the next sample"
    ):format(stats.pinned),
  })
end

-- Alarms ----------------------------------------------------------------------------------------

--- Calls `ring` once, `ns` from now.
---@param ns integer
---@param ring fun()
---@param is_work? boolean it rings also while the session finishes
---@return integer alarm for `cancel`
function Session:alarm(ns, ring, is_work)
  local id = self.monitor:alarm(self:now() + ns)
  self.alarms[id], self.alarms_of_work[id] = ring, is_work or nil
  return id
end

--- Harmless when it has rung or was cancelled.
---@param alarm integer
function Session:cancel(alarm)
  self.alarms[alarm], self.alarms_of_work[alarm] = nil, nil
  if self.closed then return end
  self.monitor:cancel(alarm)
end

--- Calls `ring` at `first_ns`, which is still to come, and again on an absolute schedule.
---@param first_ns integer
---@param every_ns integer
---@param ring fun()
---@return fun() stop
function Session:repeating(first_ns, every_ns, ring)
  local due, stopped = first_ns, false
  local alarm
  local function round()
    local late = self:now() - due
    due = due + (late // every_ns + 1) * every_ns -- rounds that were missed are not made up
    alarm = self:alarm(due - self:now(), round)
    ring()
  end
  alarm = self:alarm(due - self:now(), round)
  return function()
    if not stopped then self:cancel(alarm) end
    stopped = true
  end
end

-- Tasks -----------------------------------------------------------------------------------------

local FORGOTTEN = '%s was made but never run (want it called, as in run("make")(target, event))'

-- An action that a handler makes and does not call does nothing, which nobody means.
local function tell_forgotten(self, on)
  for _, place in ipairs(action.forgotten()) do
    self:record("error", on, { reason = FORGOTTEN:format(place) })
  end
end

--- Runs an action in a task of its own. An error in it is told, then goes to `on_error`; all
--- else goes on.
---@param act fun(target, event)
---@param on watchio.Target?
---@param event watchio.Event?
---@param on_error? fun(target, event, message: string)
function Session:start(act, on, event, on_error)
  task.start(function()
    act(on, event)
    tell_forgotten(self, on)
  end, function(traceback, message)
    self:record("error", on, { reason = traceback })
    if not on_error then return end
    self:start(function() on_error(on, event, message) end, on, event)
  end, { session = self, target = on, event = event })
end

-- Targets ---------------------------------------------------------------------------------------

--- There is something to watch: see `exit_status`.
function Session:expect_targets() self.watched = true end

--- Something that there was to watch was there.
function Session:saw_target() self.seen = true end

--- A target was seen; it is judged from now on.
---@param on watchio.Target
function Session:add_target(on)
  self.targets[on.id] = on
  self:saw_target()
end

--- A target is judged no more, since nobody watches it.
---@param id integer
function Session:drop_target(id) self.targets[id] = nil end

--- A target has ended, or is no longer what its watch names.
---@param on watchio.Target
function Session:target_ended(on)
  self:drop_target(on.id)
  self:tell_followers(on)
end

--- Calls `act` whenever something becomes of a target: it is idle, it has ended, or it is judged no
--- more. The target says what.
---@param on watchio.Target
---@param act fun()
---@return fun() unfollow
function Session:follow(on, act)
  local all, own = self.followers[on] or ordered.new(), { act = act }
  self.followers[on] = all
  all:add(own)
  return function()
    all:remove(own)
    if #all == 0 and self.followers[on] == all then self.followers[on] = nil end
  end
end

--- Something has become of a target.
---@param on watchio.Target
function Session:tell_followers(on)
  local all = self.followers[on]
  for _, own in ipairs(all and all:list() or {}) do
    own.act()
  end
end

-- Beginning and end ------------------------------------------------------------------------------

--- Does something now, or once the policy has loaded; `meanwhile` is returned when it has to wait.
---@param begin fun(): any
---@param meanwhile any
function Session:once_loaded(begin, meanwhile)
  if not self.loading then return begin() end
  self.edition:wait(begin)
  return meanwhile
end

--- A policy begins to load: nothing is started before `begin`.
function Session:start_loading() self.loading = true end

--- From now on nothing is done, only told; also that it would end.
function Session:rehearse()
  self.dry, self.rehearses = true, true
end

--- The policy has loaded: starts what had to wait.
function Session:begin()
  self.loading, self.begun = false, true
  protect.apply(self)
  self.edition:begin()
  if self.status then self:quit() end -- it has quit while it loaded
end

---@class watchio.SetAside the policy before, and what the session had come to with it
---@field edition watchio.Edition
---@field loading boolean
---@field status? integer

--- Makes room for another policy.
---@return watchio.SetAside before for `take_back`
function Session:set_aside()
  local before = { edition = self.edition, loading = self.loading, status = self.status }
  self.edition, self.status = edition.new(), nil
  return before
end

--- Puts the policy before in its place again.
---@param before watchio.SetAside
function Session:take_back(before)
  self.edition, self.loading, self.status = before.edition, before.loading, before.status
  protect.apply(self)
end

---@class watchio.Work what a session that finishes waits for
---@field kind "command"|"kill"
---@field terminate? fun(self: watchio.Work) the session finishes: it is to come to its end
---@field kill? fun(self: watchio.Work) it gets no more time for that
---@field close? fun(self: watchio.Work) the session is closed before it has ended

--- Something is under way that has to come to its end before the session does.
---@param work watchio.Work
function Session:begin_work(work) self.work:add(work) end

--- What is under way of one kind, in the order in which it began.
---@param kind string
---@return watchio.Work[]
function Session:works(kind)
  local list = {}
  for _, work in ipairs(self.work:list()) do
    if work.kind == kind then list[#list + 1] = work end
  end
  return list
end

--- Whether commands or kills are under way.
function Session:is_working() return #self.work > 0 end

-- Calls a method of all that is under way and has it.
local function tell_work(self, method)
  for _, work in ipairs(self.work:list()) do
    if work[method] then work[method](work) end
  end
end

--- Does something before all else when the session finishes, and again when it is closed.
---@param act fun() harmless twice
function Session:at_end(act) self.ends[#self.ends + 1] = act end

local function do_ends(self)
  for _, act in ipairs(self.ends) do
    act()
  end
end

local function cancel_alarms(self)
  local alarms = {}
  for alarm in pairs(self.alarms) do
    if not self.alarms_of_work[alarm] then alarms[#alarms + 1] = alarm end
  end
  for _, alarm in ipairs(alarms) do
    self:cancel(alarm)
  end
end

local function finish_if_done(self)
  local done = self.finished
  if not done or self:is_working() then return end
  self.finished = nil
  done()
end

--- Stops watching, ends every command (TERM, five seconds, KILL), lets the kills that are under
--- way come to their end, then calls `done`.
---@param done fun()
function Session:finish(done)
  if self.finishing then return end
  self.finishing, self.finished = true, done
  do_ends(self)
  waits.close(self)
  self.edition:stop_watches()
  cancel_alarms(self)
  tell_work(self, "terminate")
  finish_if_done(self)
end

--- Ends what is still running with KILL, and gives no more grace.
function Session:hurry()
  self.hurried = true
  tell_work(self, "kill")
end

--- What was under way has come to its end.
---@param work watchio.Work
function Session:end_work(work)
  self.work:remove(work)
  finish_if_done(self)
end

--- Ends the loop with a status; what this session started is ended first.
---@param status? integer
function Session:quit(status)
  if self.rehearses then
    local reason = ("status %d"):format(status or 0)
    return self:record("quit", nil, { status = status or 0, reason = reason })
  end
  self.status = self.status or status or 0
  if not self.loading then self:finish(function() uv.stop() end) end
end

--- Ends the loop at once. What is under way is left as it is, and nobody waits for it.
---@param status integer
function Session:abandon(status)
  self.status = status
  uv.stop()
end

--- The exit status of a program that has run this session: what quit was given; 3 when all that
--- there was to watch never was there; else 0.
---@return integer
function Session:exit_status()
  if self.status then return self.status end
  return self.watched and not self.seen and not self.dry and exit_status.NOTHING_TO_WATCH
    or exit_status.DONE
end

-- In place of a monitor that was closed, for objects that outlive their session.
local closed_monitor = setmetatable({}, {
  __index = function() mistake.raise "watchio has quit: this belongs to the run before" end,
})

--- Frees everything; harmless twice. The closed handles go when the loop runs next.
function Session:close()
  if self.closed then return end
  do_ends(self)
  tell_work(self, "close")
  self.closed = true
  handles.close(self.edition)
  self.monitor:detach()
  self.monitor:close()
  self.monitor = closed_monitor
end

-- Moving time ------------------------------------------------------------------------------------

local function tick(self, now)
  assert(self.monitor:tick(now))
  local event = self.monitor:next()
  while event do
    self:deliver(event)
    event = self.monitor:next()
  end
end

-- The next moment something is due, at the latest `goal`.
local function next_stop(self, goal)
  local due = self.monitor:due() or goal
  return math.max(self:now(), math.min(due, goal))
end

--- Moves the virtual clock; everything due on the way happens at its time.
---@param duration number|string
function Session:advance(duration)
  assert(self.virtual, "only a virtual session is advanced by hand")
  local goal = self:now() + assert(native.duration(duration))
  repeat
    tick(self, next_stop(self, goal))
    local due = self.monitor:due()
  until self:now() >= goal and (not due or due > goal)
end

--- Lets time go on until `is_done` answers true.
---@param is_done fun(): boolean
function Session:run_until(is_done)
  while not is_done() do
    if self.virtual then
      tick(self, next_stop(self, math.maxinteger))
    else
      uv.run("once")
    end
  end
end

return session
