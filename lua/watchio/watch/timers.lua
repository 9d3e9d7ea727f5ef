-- SPDX-License-Identifier: MIT
-- after and every: actions at their time.
local action = require "watchio.tasks.action"
local mistake = require "watchio.base.mistake"
local schema = require "watchio.check.schema"
local units = require "watchio.base.units"

local timers = {}

local SECOND = units.SECOND

---@class watchio.Timer
---@field verb "after"|"every"
---@field ns integer
---@field first_ns integer when it rings first
---@field act watchio.ActionObject|fun(target, event)
---@field private session watchio.Session
---@field private edition watchio.Edition of the policy that has it
---@field private cancel? fun() while it is set
local Timer = { __name = "watchio.timer" }
Timer.__index = Timer

local schedules = {
  after = function(self, ring)
    local alarm = self.session:alarm(self.first_ns - self.session:now(), function()
      self:stop()
      ring()
    end)
    return function() self.session:cancel(alarm) end
  end,
  every = function(self, ring) return self.session:repeating(self.first_ns, self.ns, ring) end,
}

local function set(self, first_ns)
  local session = self.session
  self.first_ns = first_ns
  self.cancel = schedules[self.verb](
    self,
    function() session:start(self.act, nil, { type = self.verb, time = session:now() / SECOND }) end
  )
end

local function add(session, verb, ns, value)
  local self = setmetatable({
    session = session,
    edition = session.edition,
    verb = verb,
    ns = ns,
  }, Timer)
  self.act = action.of(session, schema.action(verb, value))
  if session.finishing then return self end
  set(self, session:now() + ns)
  self.edition.timers:add(self)
  return self
end

--- Does something once, after a time.
---@param session watchio.Session
---@param duration any
---@param value any
---@return watchio.Timer
function timers.after(session, duration, value)
  return add(session, "after", schema.duration("after", duration, 0), value)
end

--- Does something again and again, on an absolute schedule.
---@param session watchio.Session
---@param duration any
---@param value any
---@return watchio.Timer
function timers.every(session, duration, value)
  return add(session, "every", schema.duration("every", duration, units.MILLISECOND), value)
end

--- Stops the timer; harmless if it has stopped already.
function Timer:stop()
  mistake.check_self(getmetatable(self) == Timer, "timer:stop")
  self.edition.timers:remove(self)
  if self.cancel then self.cancel() end
  self.cancel = nil
end

--- The time of its next ring.
---@return integer ns
function Timer:next_ns()
  local late = self.session:now() - self.first_ns
  if self.verb == "after" or late < 0 then return self.first_ns end
  return self.first_ns + (late // self.ns + 1) * self.ns
end

--- Whether it goes on with the schedule of another timer after a reload. An `after` begins anew.
---@param other watchio.Timer
---@return boolean
function Timer:continues(other)
  return self.verb == "every" and other.verb == "every" and self.ns == other.ns
end

--- Goes on with the schedule, and the running commands, of a timer that ends by this.
---@param old watchio.Timer
function Timer:take_over(old)
  action.hand_over(old.act, self.act)
  if self.cancel then
    self.cancel()
    set(self, old:next_ns())
  end
  old:stop()
end

return timers
