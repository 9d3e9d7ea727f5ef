-- SPDX-License-Identifier: MIT
-- A slot decides which calls of an action may act: `busy` decides if another call still acts, and
-- `cooldown` if one acted shortly before.
local format = require "watchio.base.format"
local task = require "watchio.tasks.task"
local units = require "watchio.base.units"

---@class watchio.SlotOptions
---@field busy "skip"|"queue"|"restart"|"parallel"
---@field cooldown_ns integer from the end of a call to the next

---@class watchio.Call a call that is in the slot
---@field stop fun(self: watchio.Call) ends what it does; it leaves the slot then

---@class watchio.Slot
---@field private options watchio.SlotOptions
---@field private acting integer how many calls act
---@field private current? watchio.Call the latest that entered
---@field private free_ns integer when the cooldown is over
---@field private waiter? fun(entered: boolean)
---@field private alarm? integer for the end of the cooldown, while one waits for it
local Slot = {}
Slot.__index = Slot

local slot = {}

---@param options watchio.SlotOptions
---@return watchio.Slot
function slot.new(options)
  return setmetatable({ options = options, acting = 0, free_ns = 0 }, Slot)
end

-- Why a call may not enter now.
local function hindrance(self, now)
  local busy = self.options.busy
  if busy ~= "parallel" and (self.acting > 0 or self.waiter) then return "it still runs" end
  if now >= self.free_ns then return nil end
  return ("it may run again in %s"):format(format.span((self.free_ns - now) / units.SECOND))
end

local function admit(self)
  local waiter = self.waiter
  if not waiter or self.acting > 0 then return end
  self.waiter, self.acting = nil, 1
  waiter(true)
end

-- Lets the waiting call enter as soon as the cooldown is over.
local function admit_when_free(self, session)
  local left = self.free_ns - session:now()
  if left <= 0 or session.finishing then return admit(self) end
  self.alarm = self.alarm
    or session:alarm(left, function()
      self.alarm = nil
      admit(self)
    end)
end

-- Exactly one call waits, the latest. An earlier one gives up.
local function wait(self, session)
  local earlier = self.waiter
  local entered = task.await(function(resume)
    self.waiter = resume
    if earlier then earlier(false) end
    if self.acting == 0 then return admit_when_free(self, session) end
    if self.options.busy == "restart" then self.current:stop() end
  end)
  if entered then return true end
  return false, "a later event took its place"
end

local function may_wait(self)
  local busy = self.options.busy
  return busy == "queue" or busy == "restart" and (self.acting > 0 or self.waiter)
end

--- Enters, after a wait if `busy` says so. A caller that has entered must leave.
---@param session watchio.Session
---@param call watchio.Call
---@return boolean entered
---@return string? reason when it has not
function Slot:enter(session, call)
  local reason = hindrance(self, session:now())
  if reason and not may_wait(self) then return false, reason end
  if reason then
    local entered, why = wait(self, session)
    if not entered then return false, why end
  else
    self.acting = self.acting + 1
  end
  self.current = call
  return true
end

--- The call has ended. The waiting call enters, at once or when the cooldown is over.
---@param session watchio.Session
function Slot:leave(session)
  self.acting = self.acting - 1
  self.free_ns = session:now() + self.options.cooldown_ns
  if self.acting > 0 then return end
  self.current = nil
  if self.options.busy == "restart" then return admit(self) end
  if self.waiter then admit_when_free(self, session) end
end

return slot
