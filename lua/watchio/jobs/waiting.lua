-- SPDX-License-Identifier: MIT
-- Waits for a state of several targets: all idle, any active, all ended.
local format = require "watchio.base.format"
local units = require "watchio.base.units"
local watch = require "watchio.watch.watch"

local waiting = {}

local SECOND = units.SECOND

waiting.STATES = { "idle", "active", "exit" }

---@class watchio.Waiting
---@field session watchio.Session
---@field state "idle"|"active"|"exit" what is waited for
---@field watches watchio.Watch[] the watch of the selector, and those of processes that left it
---@field active boolean a target was active
---@field unreadable? string a target that cannot be read
---@field outcome? "done"|"timeout"|"nothing"|"unknown"
---@field reason? string
---@field private due boolean the state is looked at soon

-- The targets that are there, each once.
local function present(self)
  local list, seen = {}, {}
  for _, each in ipairs(self.watches) do
    for _, target in ipairs(each:targets()) do
      if not seen[target.pid] then list[#list + 1] = target end
      seen[target.pid] = true
    end
  end
  return list
end

local function who(target) return ("%s[%d]"):format(target.name, target.pid) end

local function nothing_left() return "nothing", "nothing is left to watch" end

-- For each state: whether it has come, and which targets keep it back.
local states = {}

-- Idle targets may have moved since their latest sample, so they are read once more.
function states.idle(self, list)
  if self.unreadable then
    return "unknown", self.unreadable .. " cannot be read, so it is not known to be idle"
  end
  if #list == 0 then return nothing_left() end
  for _, target in ipairs(list) do
    local is = target.state == "quiet" and "not idle" or target.state
    if is ~= "idle" then return nil, ("%s is %s"):format(who(target), is) end
  end
  for _, target in ipairs(list) do
    local moved = self.session.monitor:look(target.id)
    if moved ~= "quiet" then return nil, who(target) .. " moved again" end
  end
  return "done"
end

function states.active(self, list)
  if self.active then return "done" end
  if #list == 0 then return nothing_left() end
  return nil, "none of them was active"
end

function states.exit(_, list)
  if #list == 0 then return "done" end
  return nil, who(list[1]) .. " has not ended"
end

local function settle(self, outcome, reason)
  self.outcome, self.reason = self.outcome or outcome, self.reason or reason
end

-- Answers once all events of the same moment are reported.
local function look_soon(self)
  if self.due then return end
  self.due = true
  self.session:alarm(0, function()
    self.due = false
    local outcome, reason = states[self.state](self, present(self))
    if outcome then settle(self, outcome, reason) end
  end)
end

local function time_is_up(self, timeout_ns)
  local outcome, reason = states[self.state](self, present(self))
  if outcome then return settle(self, outcome, reason) end
  -- Unknown is never idle: only a target that could be read can have been quiet.
  if self.state == "active" and self.unreadable then
    return settle(
      self,
      "unknown",
      ("%s, but %s cannot be read"):format(reason, self.unreadable)
    )
  end
  settle(self, "timeout", ("%s after %s"):format(reason, format.span(timeout_ns / SECOND)))
end

local function add_watch(self, native, per, times)
  local function later() look_soon(self) end
  local rule = {
    per = per,
    every = times.every_ns / SECOND,
    idle = times.quiet_ns and times.quiet_ns / SECOND,
    on_idle = later,
    on_exit = later,
    on_active = function()
      self.active = true
      look_soon(self)
    end,
    on_unreadable = function(target)
      self.unreadable = who(target)
      look_soon(self)
    end,
  }
  -- A process that becomes another program has not ended.
  function rule.on_leave(target)
    if self.state == "exit" then
      add_watch(self, { pids = { target.pid } }, "process", times)
    end
    look_soon(self)
  end
  self.watches[#self.watches + 1] = watch.new(self.session, rule, { selector = native })
end

---@class watchio.WaitTimes
---@field per string what is one target
---@field every_ns integer how often to look
---@field quiet_ns? integer until it is idle; default as of a watch
---@field timeout_ns? integer default for ever

--- Waits for the state, and runs the loop itself.
---@param session watchio.Session nothing else is watched in it
---@param state "idle"|"active"|"exit"
---@param native watchio.native.Selector
---@param times watchio.WaitTimes
---@return "done"|"timeout"|"nothing"|"unknown"|nil outcome nil: the session quits
---@return string? reason
function waiting.wait(session, state, native, times)
  local self = { session = session, state = state, watches = {}, active = false, due = false }
  add_watch(self, native, times.per, times)
  look_soon(self) -- a target may have ended since it was found
  if times.timeout_ns then
    session:alarm(times.timeout_ns, function() time_is_up(self, times.timeout_ns) end)
  end
  session:run_until(function() return self.outcome ~= nil or session.finishing end)
  if not session.finishing then session:finish(function() end) end
  return self.outcome, self.reason
end

return waiting
