-- SPDX-License-Identifier: MIT
-- sleep, wait_exit and wait_idle: a handler waits, and nothing else does.
local action = require "watchio.tasks.action"
local values = require "watchio.check.values"
local mistake = require "watchio.base.mistake"
local native = require "watchio.native"
local task = require "watchio.tasks.task"

local wait = {}

---@class watchio.Waits the tasks of a session that wait for a time, or for what becomes of a target
---@field private session watchio.Session
---@field private of table<watchio.Target|false, table<table, boolean>> target → who waits for it
local Waits = {}
Waits.__index = Waits

---@param session watchio.Session
---@return watchio.Waits
function wait.new(session)
  return setmetatable({ session = session, of = { [false] = {} } }, Waits)
end

--- Suspends the task until `ns` have passed, or something becomes of the target.
---@param ns? integer
---@param on? watchio.Target
function Waits:pause(ns, on)
  local session, key = self.session, on or false
  local own = { thread = coroutine.running() }
  task.await(function(resume)
    if session.finishing then return end -- never resumed, and collected
    own.resume = resume
    own.alarm = ns and session:alarm(ns, resume)
    self.of[key] = self.of[key] or {}
    self.of[key][own] = true
  end)
  if own.alarm then session:cancel(own.alarm) end
  self.of[key][own] = nil
  if on and next(self.of[key]) == nil then self.of[key] = nil end
end

--- Something has become of a target: wakes who waits for it.
---@param on watchio.Target
function Waits:wake(on)
  local waiting = {}
  for own in pairs(self.of[on] or {}) do
    waiting[#waiting + 1] = own
  end
  for _, own in ipairs(waiting) do
    own.resume()
  end
end

--- Ends all tasks that wait here, for good; what they have to close is closed.
function Waits:close()
  local waiting = {}
  for _, owns in pairs(self.of) do
    for own in pairs(owns) do
      waiting[#waiting + 1] = own
    end
  end
  self.of = { [false] = {} }
  for _, own in ipairs(waiting) do
    if own.alarm then self.session:cancel(own.alarm) end
    task.close(own.thread)
  end
end

-- Waits until `answer(state)` says something, for `ns` at most where that is given.
local function wait_for(session, on, ns, answer)
  local deadline = ns and session:now() + ns
  while true do
    local done, reason = answer(on.state)
    if done ~= nil then return done, reason end
    if not session.targets[on.id] then return false, "its watch has stopped" end
    local left = deadline and deadline - session:now()
    if left and left <= 0 then return false, "timeout" end
    session.waits:pause(left, on)
  end
end

local LEFT = "it is another program now"

local function answer_exit(state)
  if state == "exited" then return true end
  if state == "left" then return false, LEFT end
end

local function answer_idle(state)
  if state == "idle" then return true end
  if state == "exited" then return false, "it has ended" end
  if state == "left" then return false, LEFT end
end

-- Under a dry run nothing was done that would end it.
local function for_exit(session, on, ns)
  if session.dry then return true end
  return wait_for(session, on, ns, answer_exit)
end

local function for_idle(session, on, ns) return wait_for(session, on, ns, answer_idle) end

local function text(options) return options.ns and native.format_duration(options.ns) or "" end

local function define(name, needs_time, act)
  local duration = values.duration(0)
  local function check(value)
    if value == nil and not needs_time then return {} end
    local ns, message = duration(value)
    if not ns then return nil, message end
    return { ns = ns }
  end
  local function perform(self, target) return act(self.session, target, self.options.ns) end
  return action.define {
    name = name,
    check = check,
    text = text,
    perform = perform,
    at_once = true,
  }
end

local function of_target(name, act)
  return define(name, false, function(session, target, ns)
    if not target then
      mistake.raise(name .. ": there is no target here (it waits for the target of a watch)")
    end
    return act(session, target, ns)
  end)
end

local function method(name, act)
  local duration = values.duration(0)
  return function(session, on, value)
    local ns = value ~= nil and mistake.check(name, duration(value)) or nil
    if not task.is_running() then mistake.raise(name .. ": only a handler can wait") end
    return act(session, on, ns)
  end
end

--- Waits a while. In a list it is an action.
---@param session watchio.Session
---@param duration watchio.Duration
---@return true
wait.sleep = define("sleep", true, function(session, _, ns)
  session.waits:pause(ns)
  return true
end)

--- Wait until the handler's target has ended, or is idle; in a list they are actions.
---@param session watchio.Session
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean, string? reason "timeout", …
wait.exit = of_target("wait_exit", for_exit)
wait.idle = of_target("wait_idle", for_idle)

--- The same for any target.
---@param session watchio.Session
---@param on watchio.Target
---@param duration? watchio.Duration
---@return boolean, string?
wait.for_exit_of = method("wait_exit", for_exit)
wait.for_idle_of = method("wait_idle", for_idle)

return wait
