-- SPDX-License-Identifier: MIT
-- sleep, wait_exit and wait_idle: a handler waits, and everything else goes on.
local action = require "watchio.tasks.action"
local values = require "watchio.check.values"
local mistake = require "watchio.base.mistake"
local native = require "watchio.native"
local task = require "watchio.tasks.task"
local waits = require "watchio.tasks.waits"

local wait = {}

-- Waits until `answer(state)` returns something, for at most `ns` if that is given.
local function wait_for(session, target, ns, answer)
  local deadline = ns and session:now() + ns
  while true do
    local done, reason = answer(target.state)
    if done ~= nil then return done, reason end
    if not session.targets[target.id] then return false, "its watch has stopped" end
    local left = deadline and deadline - session:now()
    if left and left <= 0 then return false, "timeout" end
    waits.pause(session, left, target)
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

-- In a dry run nothing was done that would end the target.
local function for_exit(session, target, ns)
  if session.dry then return true end
  return wait_for(session, target, ns, answer_exit)
end

local function for_idle(session, target, ns) return wait_for(session, target, ns, answer_idle) end

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
  return function(session, target, value)
    local ns = value ~= nil and mistake.check(name, duration(value)) or nil
    if not task.is_running() then mistake.raise(name .. ": only a handler can wait") end
    return act(session, target, ns)
  end
end

--- Waits a while. In a list it is an action.
---@param session watchio.Session
---@param duration watchio.Duration
---@return true
wait.sleep = define("sleep", true, function(session, _, ns)
  waits.pause(session, ns)
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
---@param target watchio.Target
---@param duration? watchio.Duration
---@return boolean, string?
wait.for_exit_of = method("wait_exit", for_exit)
wait.for_idle_of = method("wait_idle", for_idle)

return wait
