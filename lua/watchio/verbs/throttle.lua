-- SPDX-License-Identifier: MIT
-- throttle { measure = RATE }: holds a target to a rate. It stops the target while this is ahead of
-- the rate, and then continues it. That works with every scheduler of the disk.
local uv = require "luv"
local action = require "watchio.tasks.action"
local format = require "watchio.base.format"
local hunt = require "watchio.verbs.hunt"
local limits = require "watchio.check.limits"
local measures = require "watchio.base.measures"
local mistake = require "watchio.base.mistake"
local rails = require "watchio.verbs.rails"
local shape = require "watchio.check.shape"
local stop = require "watchio.verbs.stop"
local units = require "watchio.base.units"
local waits = require "watchio.tasks.waits"

local throttle = {}

local SECOND = units.SECOND
local STEP = SECOND // 10 -- from look to look,
local FINE = SECOND // 50 -- and of what has been ahead lately: fast ones do much in a step
local LATELY = 10 * SECOND
local KEPT = 1 -- seconds: what was not used is kept so long, for what is done by fits and starts
local STOP, CONT = uv.constants.SIGSTOP, uv.constants.SIGCONT

---@class watchio.Budget what one target may still do
---@field session watchio.Session
---@field target watchio.Target
---@field rates table<string, number> measure → a second
---@field left table<string, number> measure → what it may do now; negative when it is ahead
---@field before table<string, number> its total at the latest look
---@field at_ns integer when that was
---@field holds boolean it is stopped here
---@field held_ns integer when it was stopped last
---@field told? boolean
local Budget = {}
Budget.__index = Budget

-- The total of the target now.
local function totals(session, target)
  session.monitor:look(target.id)
  local known = session.monitor:target(target.id)
  return known and known.total or {}
end

local function new_budget(session, target, rates)
  local left = {}
  for measure, rate in pairs(rates) do
    left[measure] = rate * KEPT
  end
  return setmetatable({
    session = session,
    target = target,
    rates = rates,
    left = left,
    before = totals(session, target),
    at_ns = session:now(),
    holds = false,
    held_ns = -LATELY,
  }, Budget)
end

-- Adds the allowance of the time that passed and subtracts the amount that was done. Returns a
-- measure that is ahead of its rate, or nil and one that cannot be read.
function Budget:look()
  local now, total = self.session:now(), totals(self.session, self.target)
  local seconds, ahead = (now - self.at_ns) / SECOND, nil
  for measure, rate in pairs(self.rates) do
    local before = self.before[measure]
    local done = before and total[measure] and total[measure] - before
    if not done then return nil, measure end
    local left = self.left[measure] + rate * seconds - done
    self.left[measure] = math.min(left, rate * KEPT)
    if left < 0 then ahead = measure end
  end
  self.before, self.at_ns = total, now
  return ahead
end

-- The time until the next look: while the target is stopped, until it is no longer ahead.
function Budget:wait()
  local now, ns = self.session:now(), 0
  if not self.holds then return now - self.held_ns < LATELY and FINE or STEP end
  for measure, rate in pairs(self.rates) do
    ns = math.max(ns, -self.left[measure] / rate * SECOND)
  end
  return math.max(FINE, math.min(math.ceil(ns), SECOND))
end

-- Why the target must not be stopped, or nil.
local function refuse(session, target, reason, code)
  rails.tell_failure(session, target, { reason = rails.reason(reason, "CAP_KILL") }, code)
  return false, reason
end

-- Stops the target, unless a stop() of the policy holds it already. False if it must not be
-- stopped.
function Budget:hold(measure)
  local session, target = self.session, self.target
  if stop.held(session, target) then return true end
  local spared = rails.spared(session, target)
  if spared then return refuse(session, target, spared, "EPERM") end
  local pinned, message, code = session.pin(target.id)
  if not pinned then return code == "ESRCH", message end
  local sent, reason, how = hunt.finish_or_give_up(
    session,
    target,
    pinned,
    function(in_slices) return pinned:signal(STOP, false, in_slices) end,
    false
  )
  if not sent then
    pinned:close()
    if how == "ESRCH" then return true end
    return refuse(session, target, reason, how)
  end
  if not stop.keep(session, target, pinned) then return true end
  self.holds, self.held_ns = true, session:now()
  if not self.told then
    session:record("throttle", target, { measure = measure, limit = self.rates[measure] })
    self.told = true
  end
  return true
end

function Budget:let_go()
  local session, target = self.session, self.target
  local pinned = self.holds and stop.held(session, target)
  self.holds = false
  if not pinned then return end
  hunt.finish_or_give_up(
    session,
    target,
    pinned,
    function(in_slices) return pinned:signal(CONT, false, in_slices) end,
    true
  )
  stop.forget(session, target)
end

-- At the end nobody can wait.
local function let_go_at_once(self)
  if self.session.closed or not self.holds then return end
  self.holds = false
  stop.let_go(self.session, self.target)
end

-- One look. Returns false and the reason if the throttle cannot go on.
function Budget:step()
  local ahead, unknown = self:look()
  if unknown then
    local reason = unknown .. " cannot be read, so it is not throttled"
    return refuse(self.session, self.target, reason, "EIO")
  end
  if ahead then return self:hold(ahead) end
  self:let_go()
  return true
end

-- Goes on until the target is no longer watched.
local function follow(session, target, rates)
  local budget = new_budget(session, target, rates)
  local _ <close> = setmetatable({}, {
    __close = function() let_go_at_once(budget) end,
  })
  while true do
    waits.pause(session, budget:wait(), target)
    if not session.targets[target.id] or session.finishing then return true end
    local goes_on, reason = budget:step()
    if not goes_on then return false, reason end
  end
end

local throttled = setmetatable({}, { __mode = "k" }) -- target → while it is

local function perform(self, target)
  local session = self.session
  if not target then
    mistake.raise "throttle: there is no target here (it holds the target of a watch to a rate)"
  end
  if session.finishing or throttled[target] then return true end
  if session.dry then
    local measure, rate = next(self.options.rates)
    session:record("throttle", target, { measure = measure, limit = rate })
    return true
  end
  throttled[target] = true
  local ok, reason = follow(session, target, self.options.rates)
  throttled[target] = nil
  return ok, reason
end

local throttle_shape = { keys = {} }
for name, counter in pairs(measures.counters) do
  throttle_shape.keys[name] = function(value) return limits.check_rate(counter, value) end
end

local function check(options)
  local given, message = shape.check(throttle_shape, options)
  if not given then return nil, message end
  if next(given) == nil then return nil, 'no rate (want e.g. { disk_write = "50MB/s" })' end
  local rates = {}
  for name, rate in pairs(given) do
    local counter = measures.counter(name)
    if rates[counter] then return nil, ("%s: given twice"):format(measures.word(counter)) end
    rates[counter] = rate
  end
  return { rates = rates }
end

local function text(options)
  local parts = {}
  for measure, rate in pairs(options.rates) do
    parts[#parts + 1] = measures.word(measure) .. " " .. format.amount(measure, rate, true)
  end
  table.sort(parts)
  return table.concat(parts, ", ")
end

--- An action that holds the target to a rate, by stop and cont, as long as the target is watched.
---@param session watchio.Session
---@param options table<string, string> measure → rate
throttle.new =
  action.define { name = "throttle", check = check, text = text, perform = perform }

return throttle
