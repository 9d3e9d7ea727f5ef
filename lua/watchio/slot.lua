-- A slot: at most one command of an action runs at a time; what comes meanwhile is skipped or
-- queued.
local task = require "watchio.task"

---@class watchio.Slot
---@field busy "skip"|"queue"
---@field taken boolean
---@field waiter? fun(entered: boolean)
local Slot = {}
Slot.__index = Slot

local slot = {}

---@param busy "skip"|"queue"
---@return watchio.Slot
function slot.new(busy)
  return setmetatable({ busy = busy, taken = false }, Slot)
end

--- Takes the slot, waiting for it with "queue". Exactly one waits: the latest; the one before
--- it gives up.
---@return boolean entered
function Slot:enter()
  if not self.taken then
    self.taken = true
    return true
  end
  if self.busy == "skip" then return false end
  local earlier = self.waiter
  return task.await(function(resume)
    self.waiter = resume
    if earlier then earlier(false) end
  end)
end

--- Hands the slot to the one that waits, or frees it.
function Slot:leave()
  local waiter = self.waiter
  self.waiter = nil
  if waiter then waiter(true) else self.taken = false end
end

return slot
