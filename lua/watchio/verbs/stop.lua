-- SPDX-License-Identifier: MIT
-- stop() and cont(): holds all processes of a target still, and lets them go on. What was stopped
-- here is continued when its watch stops or watchio ends: nobody else would.
local uv = require "luv"
local action = require "watchio.tasks.action"
local rails = require "watchio.verbs.rails"

local stop = {}

local STOP, CONT = uv.constants.SIGSTOP, uv.constants.SIGCONT

local function act(verb, number, fields)
  return {
    verb = verb,
    fields = fields or {},
    capability = "CAP_KILL",
    is_signal = true,
    perform = function(pinned) return pinned:signal(number) end,
  }
end

--- Forgets that a target was stopped.
---@param session watchio.Session
---@param id integer
function stop.forget(session, id)
  local pinned = session.held[id]
  session.held[id] = nil
  if pinned then pinned:close() end
end

--- Stops all processes of a target, also those that are forked meanwhile.
---@param session watchio.Session
---@param on watchio.Target?
---@return true?
---@return string? message
---@return string? code
function stop.hold(session, on)
  if session.finishing then return nil, "watchio ends", "ESRCH" end -- nobody would continue it
  local held = on and session.held[on.id]
  local done, message, code, pinned = rails.act(session, on, act("stop", STOP), held)
  if pinned and session.dry then
    pinned:close()
  elseif pinned then
    session.held[on.id] = pinned
  end
  return done, message, code
end

--- Continues them, whoever stopped them.
---@param session watchio.Session
---@param on watchio.Target?
---@return true?
---@return string? message
---@return string? code
function stop.continue(session, on)
  local held = on and session.held[on.id]
  local done, message, code, pinned = rails.act(session, on, act("cont", CONT), held)
  if pinned and not held then pinned:close() end
  if done then stop.forget(session, on.id) end
  return done, message, code
end

--- Continues what was stopped here, since nobody will do it any more.
---@param session watchio.Session
---@param id integer the target
---@param reason string why, for the report
function stop.let_go(session, id, reason)
  local pinned, on = session.held[id], session.targets[id]
  if not pinned then return end
  if pinned:signal(CONT) and on then session:record("cont", on, { reason = reason }) end
  stop.forget(session, id)
end

--- Continues all that was stopped here.
---@param session watchio.Session
function stop.let_all_go(session)
  local ids = {}
  for id in pairs(session.held) do
    ids[#ids + 1] = id
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    stop.let_go(session, id, "watchio ends")
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

--- An action that continues them.
---@param session watchio.Session
stop.new_cont = define("cont", stop.continue)

return stop
