-- SPDX-License-Identifier: MIT
-- Rounds: an action runs at once when a target becomes active (or idle), and again at each interval
-- while it stays so.
local action = require "watchio.tasks.action"
local units = require "watchio.base.units"

local rounds = {}

local SECOND = units.SECOND

---@class watchio.Rounds of one watch and one state
---@field state "active"|"idle" while which they are done
---@field every_ns integer
---@field act watchio.ActionObject|fun(target, event)
---@field private session watchio.Session
---@field private start fun(act, on: watchio.Target, event: watchio.Event)
---@field private of table<watchio.Target, { last_ns: integer, event: watchio.Event, stop?: fun() }>
local Rounds = {}
Rounds.__index = Rounds

---@param session watchio.Session
---@param state "active"|"idle"
---@param checked { every_ns: integer, action: watchio.Action }
---@param start fun(act, on: watchio.Target, event: watchio.Event) starts an action of the watch
---@return watchio.Rounds
function rounds.new(session, state, checked, start)
  return setmetatable({
    session = session,
    state = state,
    start = start,
    every_ns = checked.every_ns,
    act = action.of(session, checked.action),
    of = {},
  }, Rounds)
end

-- Starts with a round at once, but never more often than `every`, even if the target was in the
-- other state between.
local function begin(self, target, event)
  local session, every = self.session, self.every_ns
  local known = self.of[target] or { last_ns = -every }
  self.of[target], known.event = known, event
  local function round()
    if target.state == "unknown" then return end -- it may be in either state
    known.last_ns = session:now()
    self.start(self.act, target, event)
  end
  local now = session:now()
  local due = known.last_ns + every
  known.stop = session:repeating(due > now and due or now + every, every, round)
  if due <= now then round() end
end

local ends_state = { active = true, idle = true, unreadable = true, exit = true, leave = true }

--- Takes an event of one of the watch's targets; `is_last`: none comes after it.
---@param target watchio.Target
---@param event watchio.Event
---@param is_last boolean
function Rounds:take(target, event, is_last)
  local known = self.of[target]
  if known and known.stop and ends_state[event.type] then
    known.stop()
    known.stop = nil
  end
  if event.type == self.state then begin(self, target, event) end
  if is_last then self.of[target] = nil end
end

--- Goes on after a reload with the schedule of the old policy's rounds. New rounds begin.
---@param all watchio.Rounds[] of the watch before
---@param targets watchio.Target[]
function Rounds:take_over(all, targets)
  local now = { type = self.state, time = self.session:now() / SECOND }
  for _, old in ipairs(all) do
    if old.state == self.state then
      action.hand_over(old.act, self.act)
      for target, known in pairs(old.of) do
        self.of[target] = { last_ns = known.last_ns, event = known.event }
      end
    end
  end
  for _, target in ipairs(targets) do
    if target.state == self.state then
      begin(self, target, self.of[target] and self.of[target].event or now)
    end
  end
end

--- Ends them all.
function Rounds:stop()
  for _, known in pairs(self.of) do
    if known.stop then known.stop() end
  end
  self.of = {}
end

return rounds
