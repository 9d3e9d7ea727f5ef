-- SPDX-License-Identifier: MIT
-- A session: one monitor, its reports, and its tasks. Its life, its targets and its time have files
-- of their own. It keeps no state for other modules: see base/kept.
local action = require "watchio.tasks.action"
local group = require "watchio.command.group"
local budget = require "watchio.tasks.budget"
local exit_status = require "watchio.base.exit_status"
local mistake = require "watchio.base.mistake"
local observers = require "watchio.watch.observers"
local native = require "watchio.native"
local proc = require "watchio.base.proc"
local life = require "watchio.watch.session_life"
local tables = require "watchio.base.tables"
local targets = require "watchio.watch.target"
local session_targets = require "watchio.watch.session_targets"
local task = require "watchio.tasks.task"
local time = require "watchio.watch.session_time"

---@class watchio.Session
---@field monitor watchio.native.Monitor
---@field root? string the /proc it looks at, when it is not the kernel's
---@field dry boolean nothing is done, only told
---@field verbose boolean tells of what almost happened
---@field failures integer errors so far
---@field observers watchio.Observers of its native watches
---@field spawn fun(options: watchio.GroupOptions, on_exit: fun(status, signal)): watchio.Group?
---@field pin fun(target: integer): watchio.native.Pinned?
---@field command_output integer the descriptor for the commands' output
---@field budget watchio.Budget
---@field strict boolean ends with status 5 at the first error
---@field on_record fun(record: table)
local Session = tables.merged(life, session_targets, time)
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

local function from(options, monitor)
  local function spawn(command, on_exit) return group.start(monitor, command, on_exit) end
  return {
    monitor = monitor,
    root = options.root,
    virtual = options.virtual or false,
    dry = options.dry or false,
    strict = options.strict or false,
    verbose = options.verbose or false,
    budget = budget.new(options),
    failures = 0,
    spawn = options.spawn or spawn,
    pin = options.pin or function(id) return monitor:pin(id) end,
    command_output = options.command_output or 1,
    on_record = options.on_record or function() end,
  }
end

--- Makes a session.
---@param options? watchio.SessionOptions
---@return watchio.Session
function session.new(options)
  options = options or {}
  local blind = not options.root and proc.fault()
  if blind then mistake.raise(blind) end
  local self =
    setmetatable(from(options, assert(native.monitor { root = options.root })), Session)
  self.observers = observers.new(self)
  self:init_life()
  self:init_targets()
  self:init_time()
  return self
end

--- Delivers one event to its observer.
---@param event watchio.native.Event
function Session:deliver(event)
  if event.type == "alarm" then
    self:ring(event.alarm)
  else
    self.observers:deliver(event)
  end
end

--- Replaces the receiver of records.
---@param on_record fun(record: table)
function Session:tell_to(on_record) self.on_record = on_record end

--- The facts of a target for records, for modules below that do not know targets.
Session.brief = targets.brief

--- Reports an event as a record.
---@param event string
---@param about? watchio.Target|watchio.Watch
---@param fields? table
function Session:record(event, about, fields)
  task.catch_up()
  local record = { event = event, watch = about and about.label }
  if about then record.target = targets.brief(about) end
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

local FORGOTTEN = '%s was made but never run (want it called, as in run("make")(target, event))'

-- Reports actions that a handler has made and not called: they do nothing, which is a mistake.
local function tell_forgotten(self, target)
  for _, place in ipairs(action.forgotten()) do
    self:record("error", target, { reason = FORGOTTEN:format(place) })
  end
end

--- Runs an action in a task of its own. An error in it is reported and then goes to `on_error`;
--- everything else goes on.
---@param act fun(target, event)
---@param target watchio.Target?
---@param event watchio.Event?
---@param on_error? fun(target, event, message: string)
function Session:start(act, target, event, on_error)
  task.start(function()
    act(target, event)
    tell_forgotten(self, target)
  end, function(traceback, message)
    self:record("error", target, { reason = traceback })
    if not on_error then return end
    self:start(function() on_error(target, event, message) end, target, event)
  end, { session = self, target = target, event = event })
end

return session
