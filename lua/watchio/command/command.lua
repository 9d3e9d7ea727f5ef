-- SPDX-License-Identifier: MIT
-- One running command, from its start until nothing of it is left.
local uv = require "luv"
local signals = require "watchio.check.signals"
local units = require "watchio.base.units"

local TERM, KILL = uv.constants.SIGTERM, uv.constants.SIGKILL
local SECOND = units.SECOND
local GRACE = 5 * SECOND -- from TERM to KILL, and from KILL to giving up
local FIRST_LOOK, LAST_LOOK = SECOND // 20, SECOND // 2 -- every look asks for all processes

---@class watchio.Command: watchio.Work
---@field kind "command"
---@field session watchio.Session
---@field group watchio.Group
---@field started_ns integer
---@field status? integer of the leader, once it has ended
---@field signal? string the signal that ended the leader
---@field seconds? number how long the leader ran
---@field private exited boolean
---@field private look_alarm? integer
---@field private wait_ns integer from a look to the next
local Command = { kind = "command" }
Command.__index = Command

local command = {}

--- Starts a command in its own session. A hidden command matches no pattern of a watch.
---@param session watchio.Session
---@param options watchio.GroupOptions
---@param hidden boolean
---@param on_end fun(command: watchio.Command) nothing of it is left
---@return watchio.Command?
---@return string? message
---@return string? code
function command.start(session, options, hidden, on_end)
  local self = setmetatable({
    session = session,
    on_end = on_end,
    exited = false,
    wait_ns = FIRST_LOOK,
  }, Command)
  self.started_ns = session:now()
  local group, message, code = session.spawn(
    options,
    function(status, signal) self:leader_ended(status, signal) end
  )
  if not group then return nil, message, code end
  self.group = group
  if hidden then session.monitor:ignore(group.pid, true) end
  session:begin_work(self)
  return self
end

function Command:leader_ended(status, signal)
  self.exited = true
  self.status = signal == 0 and status or nil
  self.signal = signal ~= 0 and signals.name(signal) or nil
  self.seconds = (self.session:now() - self.started_ns) / SECOND
  if not self:is_left() then return self:finish() end
  -- The processes that a command leaves behind are ended. A daemon that wants to live makes a
  -- session.
  self:terminate()
end

--- Ends the whole session: TERM, and after five seconds KILL for the rest.
function Command:terminate()
  if self.look_alarm then self.session:cancel(self.look_alarm) end
  if not self.kill_ns then
    self.kill_ns = self.session:now() + GRACE
    self.group:signal(TERM)
  end
  self.wait_ns = FIRST_LOOK
  self:look()
end

--- Sends KILL at once.
function Command:kill()
  self.kill_ns = self.session:now()
  self:terminate()
end

function Command:is_left() return not self.exited or self.group:alive() end

-- The time until the next check whether the group has ended: twice the one before, but not beyond
-- the moment of KILL.
function Command:next_look(now)
  local wait = self.wait_ns
  self.wait_ns = math.min(wait * 2, LAST_LOOK)
  if self.killed then return wait end
  return math.max(math.min(wait, self.kill_ns - now), 1)
end

-- Checks whether a group that was told to end has ended.
function Command:look()
  self.look_alarm = nil
  local now = self.session:now()
  if not self:is_left() then return self:finish() end
  if now >= self.kill_ns + GRACE then
    self.session:record("error", nil, {
      pid = self.group.pid,
      reason = "the command's processes are still there after KILL",
    })
    return self:finish()
  end
  if now >= self.kill_ns and not self.killed then
    self.killed, self.wait_ns = true, FIRST_LOOK
    self.group:signal(KILL)
  end
  self.look_alarm = self.session:alarm(self:next_look(now), function() self:look() end)
end

function Command:finish()
  if self.ended then return end
  self.ended = true
  if self.look_alarm then self.session:cancel(self.look_alarm) end
  self.session.monitor:ignore(self.group.pid, false)
  self.group:release(function()
    self.session:end_work(self)
    self.on_end(self)
  end)
end

return command
