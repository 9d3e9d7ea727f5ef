-- SPDX-License-Identifier: MIT
-- Waits: a task waits for a time, or until a target is idle or ends. Everything else goes on.
local kept = require "watchio.base.kept"
local task = require "watchio.tasks.task"

local waits = {}

---@class watchio.Wait the wait of one task
---@field thread thread
---@field alarm? integer
---@field unfollow? fun()

local waiting_of = kept(function() return {} end) -- session → its waits: a set

local function leave(session, waiter)
  waiting_of(session)[waiter] = nil
  if waiter.alarm then session:cancel(waiter.alarm) end
  if waiter.unfollow then waiter.unfollow() end
end

--- Suspends the task until `ns` have passed, or the target is idle, has ended, or is no longer
--- judged.
---@param session watchio.Session
---@param ns? integer
---@param target? watchio.Target
---@param is_work? boolean the session ends only after this wait
function waits.pause(session, ns, target, is_work)
  local waiter = { thread = coroutine.running() }
  task.await(function(resume)
    if session.finishing and not is_work then return end -- never resumed, and collected
    waiter.alarm = ns and session:alarm(ns, resume, is_work)
    waiter.unfollow = target and session:follow(target, resume)
    waiting_of(session)[waiter] = not is_work or nil
  end)
  leave(session, waiter)
end

--- How many waiting tasks end with the session.
---@param session watchio.Session
---@return integer
function waits.count(session)
  local count = 0
  for _ in pairs(waiting_of(session)) do
    count = count + 1
  end
  return count
end

--- Ends all waiting tasks that are no work, for good, and closes their variables that are to be
--- closed.
---@param session watchio.Session
function waits.close(session)
  local waiting = {}
  for waiter in pairs(waiting_of(session)) do
    waiting[#waiting + 1] = waiter
  end
  for _, waiter in ipairs(waiting) do
    leave(session, waiter)
    task.close(waiter.thread)
  end
end

return waits
