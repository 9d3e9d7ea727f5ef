-- SPDX-License-Identifier: MIT
-- Decides when a command of exec has been idle or has run for too long, and ends it then.
local uv = require "luv"
local kill = require "watchio.verbs.kill"
local units = require "watchio.base.units"

local judging = {}

local SECOND = units.SECOND
local LOOK = SECOND // 20
local C = uv.constants

-- The processes of the command, as far as they are known.
local function processes_of(self)
  local list = {}
  for _, pid in ipairs(self.target and self.target.pids or { self.pid }) do
    local process = self.session.monitor:describe(pid)
    if process and not process.ended then
      list[#list + 1] = { pid = pid, name = process.name, cmd = process.cmd }
    end
  end
  return list
end

local function tell_limit(self, reason)
  local now = self.target and self.session.monitor:target(self.target.id)
  self.session:record("limit", self.target, {
    command = self.text,
    reason = reason,
    seconds = (self.session:now() - self.started_ns) / SECOND,
    processes = processes_of(self),
    moved = now and next(now.stirred) and now.stirred or nil,
    idle_for = now and now.idle_for_ns / SECOND,
  })
end

-- A process that was born and orphaned too fast to be seen is now a child of this process.
local function sweep(self)
  self:reap()
  if self.childless then return self:finish() end
  self.reaper:kill(C.SIGKILL)
  self:alarm(LOOK, function() sweep(self) end)
end

local function end_all(self, reason)
  self.ending = true
  tell_limit(self, reason)
  if not self.target then return sweep(self) end
  local session, target = self.session, self.target
  local ended = kill.new(session, { grace = self.options.grace_ns / SECOND })
  session:start(function()
    local gone = ended(target)
    -- Its exit is on its way, with its last counters.
    if gone then
      return self:alarm(0, function() sweep(self) end)
    end
    self.ending = false -- the reason was told; the command goes on
    if self.ended then self:finish() end
  end, target, nil, function(_, _, message) self:fail(message) end)
end

--- Ends the command `ns` from now.
---@param self watchio.Exec
---@param ns integer
function judging.expect_max(self, ns)
  self.max_at_ns = self.session:now() + ns
  self.max_alarm = self:alarm(ns, function()
    if not self.ending and not self.ended then end_all(self, "max") end
  end)
end

-- An orphan that has ended may have done work that nobody saw, so quiet counts from its end.
local function quiet_is_short_by(self)
  local since_ns = self.reaped_ns or 0
  return since_ns + self.options.idle_ns - self.session:now()
end

--- Ends the command if it was idle for too long; otherwise sets the next check.
---@param self watchio.Exec
function judging.check_idle(self)
  local target = self.target
  if not target or self.ending or self.held or target.state ~= "idle" then return end
  local left = self.reaped_ns and quiet_is_short_by(self) or 0
  if left > 0 then
    self:alarm(left, function() judging.check_idle(self) end)
  elseif self.session.monitor:look(target.id) == "quiet" then
    end_all(self, "idle")
  end
end

--- The command was stopped, or goes on. While it is stopped, all clocks stand still.
---@param self watchio.Exec
---@param held boolean
function judging.hold(self, held)
  if self.held == held then return end
  self.held = held
  for id in pairs(self.watch.natives) do
    self.session.monitor:hold(id, held)
  end
  if self.reaped_ns then self.reaped_ns = self.session:now() end
  if self.max_at_ns and held then
    self.session:cancel(self.max_alarm)
    self.max_left_ns = math.max(0, self.max_at_ns - self.session:now())
  elseif self.max_at_ns then
    judging.expect_max(self, self.max_left_ns)
  end
  if not held then judging.check_idle(self) end
end

return judging
