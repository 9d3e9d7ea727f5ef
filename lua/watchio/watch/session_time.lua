-- SPDX-License-Identifier: MIT
-- Time in a session: alarms, and the clock, which luv's loop moves, or `advance` on a virtual
-- clock.
local uv = require "luv"
local native = require "watchio.native"
local units = require "watchio.base.units"

---@class watchio.Session
---@field virtual boolean not on luv's loop: `advance` moves the time
---@field private alarms table<integer, fun()> what rings
---@field private alarms_of_work table<integer, boolean> those that ring also while it finishes
local Session = {}

---@private
function Session:init_time()
  self.alarms, self.alarms_of_work = {}, {}
  if self.virtual then return end
  self.monitor:attach(
    function(event) self:deliver(event) end,
    function(traceback) self:record("error", nil, { reason = traceback }) end,
    function(late_ns) self:came_late(late_ns) end
  )
end

---@return integer ns
function Session:now() return self.monitor:now() end

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

--- Cancels an alarm; harmless if it has rung or was cancelled.
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

--- An alarm is due.
---@param alarm integer
function Session:ring(alarm)
  local ring = self.alarms[alarm]
  self.alarms[alarm], self.alarms_of_work[alarm] = nil, nil
  if ring then ring() end
end

--- Cancels every alarm but those of work.
function Session:cancel_alarms()
  local alarms = {}
  for alarm in pairs(self.alarms) do
    if not self.alarms_of_work[alarm] then alarms[#alarms + 1] = alarm end
  end
  for _, alarm in ipairs(alarms) do
    self:cancel(alarm)
  end
end

-- Late ------------------------------------------------------------------------------------------

--- Reports that the loop was late, at most once a minute.
---@param late_ns integer
function Session:came_late(late_ns)
  local reason = self.budget:came_late(late_ns)
  if reason then
    self:record("late", nil, { seconds = late_ns / units.SECOND, reason = reason })
  end
end

--- How late the loop was at most, and the last case in which it was more than a second late.
---@return { most_ns: integer, last: { ns: integer, ago_ns: integer, what: string? }? }
function Session:lateness()
  return { most_ns = self.monitor:stats().late_ns, last = self.budget:lateness() }
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

-- The next moment when something is due, at the latest `goal`.
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

--- Lets time go on until `is_done` returns true.
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

return Session
