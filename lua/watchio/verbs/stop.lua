-- SPDX-License-Identifier: MIT
-- stop() and cont(): stop all processes of a target, and continue them. A target that was stopped
-- here is continued when its watch stops or watchio ends, since nobody else would do it.
local uv = require "luv"
local action = require "watchio.tasks.action"
local hunt = require "watchio.verbs.hunt"
local kept = require "watchio.base.kept"
local rails = require "watchio.verbs.rails"

local stop = {}

local STOP, CONT = uv.constants.SIGSTOP, uv.constants.SIGCONT

local function act(verb, number, fields)
  return {
    verb = verb,
    fields = fields or {},
    capability = "CAP_KILL",
    is_signal = true,
    perform = function(pinned, in_slices) return pinned:signal(number, false, in_slices) end,
  }
end

-- session → the targets that were stopped in it, and by what they are held
local held_by = kept(function(session)
  session:at_end(function() stop.let_all_go(session) end)
  return {}
end)

--- The holder of a target that was stopped here; nil for any other target.
---@param session watchio.Session
---@param target watchio.Target
---@return watchio.native.Pinned?
function stop.held(session, target) return held_by(session)[target] end

--- Notes that a target was stopped: it is continued when its watch stops or watchio ends. If that
--- has happened meanwhile, it is continued at once and the result is false.
---@param session watchio.Session
---@param target watchio.Target
---@param pinned watchio.native.Pinned is closed here
---@return boolean
function stop.keep(session, target, pinned)
  if session.finishing or not session.targets[target.id] then
    pinned:signal(CONT)
    pinned:close()
    return false
  end
  local before = stop.held(session, target)
  if before and before ~= pinned then hunt.drop(session, before) end
  held_by(session)[target] = pinned
  return true
end

--- The targets that were stopped here, in the order in which they were first seen.
---@param session watchio.Session
---@return watchio.Target[]
function stop.all_held(session)
  local list = {}
  for target in pairs(held_by(session)) do
    list[#list + 1] = target
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

--- Forgets that a target was stopped.
---@param session watchio.Session
---@param target watchio.Target
function stop.forget(session, target)
  local pinned = stop.held(session, target)
  held_by(session)[target] = nil
  if pinned then hunt.drop(session, pinned) end
end

--- Stops all processes of a target, including those that are forked meanwhile.
---@param session watchio.Session
---@param target watchio.Target?
---@return true?
---@return string? message
---@return string? code
function stop.hold(session, target)
  if session.finishing then return nil, "watchio ends", "ESRCH" end -- nobody would continue it
  local held = target and stop.held(session, target)
  local done, message, code, pinned = rails.act(session, target, act("stop", STOP), held)
  if pinned and session.dry then
    pinned:close()
  elseif pinned and not stop.keep(session, target, pinned) then
    return nil, "its watch has stopped", "ESRCH"
  end
  return done, message, code
end

--- Continues all processes of a target, whoever stopped them.
---@param session watchio.Session
---@param target watchio.Target?
---@return true?
---@return string? message
---@return string? code
function stop.continue(session, target)
  local held = target and stop.held(session, target)
  local done, message, code, pinned = rails.act(session, target, act("cont", CONT), held)
  if pinned and not held then pinned:close() end
  if done then stop.forget(session, target) end
  return done, message, code
end

--- Continues a target that was stopped here, since nobody else will do it any more.
---@param session watchio.Session
---@param target watchio.Target
---@param reason? string why, for the report; nil: it is not told
function stop.let_go(session, target, reason)
  local pinned = stop.held(session, target)
  if not pinned then return end
  if pinned:signal(CONT) and reason then session:record("cont", target, { reason = reason }) end
  stop.forget(session, target)
end

--- Continues all targets that were stopped here.
---@param session watchio.Session
function stop.let_all_go(session)
  for _, target in ipairs(stop.all_held(session)) do
    stop.let_go(session, target, "watchio ends")
  end
end

local function define(verb, perform)
  local function check(...)
    if select("#", ...) == 0 then return {} end
    return nil, ("takes nothing (want %s() as an action, or target:%s())"):format(verb, verb)
  end
  return action.define {
    name = verb,
    check = check,
    text = function() return "" end,
    perform = function(self, target) return rails.result(perform(self.session, target)) end,
  }
end

--- An action that stops the target's processes.
---@param session watchio.Session
stop.new = define("stop", stop.hold)

--- An action that continues the target's processes.
---@param session watchio.Session
stop.new_cont = define("cont", stop.continue)

return stop
