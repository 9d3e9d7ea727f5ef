-- SPDX-License-Identifier: MIT
-- Handles each event of the engine for a watch: updates its targets, reports, and starts actions.
local events = require "watchio.base.events"
local kill = require "watchio.verbs.kill"
local crossings = require "watchio.watch.crossings"
local matching = require "watchio.check.matching"
local measures = require "watchio.base.measures"
local selectors = require "watchio.check.selectors"
local stop = require "watchio.verbs.stop"
local targets = require "watchio.watch.target"
local units = require "watchio.base.units"

local receiving = {}

local SECOND = units.SECOND

--- Starts an action of the watch, unless one before it has stopped the watch.
---@param self watchio.Watch
---@param act? watchio.ActionObject|fun(target, event)
---@param target watchio.Target
---@param event watchio.Event
function receiving.start(self, act, target, event)
  if not act or self.stopped then return end
  self.session:start(act, target, event, function(...)
    if self.handlers.on_error and not self.stopped then self.handlers.on_error(...) end
  end)
end

-- A process that two selectors of one watch match is one target.
local function is_known_already(self, event) return self.by_pid[event.pid] ~= nil end

local function target_of(self, event)
  local known = self.session.targets
  if
    event.type == "start"
    and not known[event.target]
    and not is_known_already(self, event)
  then
    local keep = next(self.handlers) ~= nil or #self.rounds > 0
    local made = targets.new(self.session, self.label, event.target, event, keep)
    self.by_pid[event.pid] = made
    self.session:add_target(made)
    self.session:tell_if_crowded()
  end
  return known[event.target]
end

-- The gain of each measure, per second, in one table as in `total`.
local function rates(event)
  local by_kind = event.why or event.moved and { event.moved }
  if not by_kind then return nil end
  local rate = {}
  for _, moved in pairs(by_kind) do
    measures.rate(moved, event.moved_in_ns, rate)
  end
  return rate
end

-- The event as handlers see it.
local function for_handlers(event)
  return {
    type = event.type,
    time = event.time_ns / SECOND,
    idle_for = event.idle_for_ns and event.idle_for_ns / SECOND,
    kind = event.kind,
    reason = event.message,
    why = event.why,
    last = event.last and next(event.last) and event.last or nil,
    rate = event.moved_in_ns and targets.measures(rates(event)),
    total = event.total and targets.measures(event.total),
    at_least = event.at_least or nil,
  }
end

-- Nothing is left that one of the native watches could ever see.
local function native_is_over(self, id)
  self.session.observers:remove(id)
  self.natives[id] = nil
  if next(self.natives) == nil then self.edition.watches:remove(self) end
end

-- A process matches all keys but `where`, which is asked now.
local function answer(self, event)
  local monitor, native = self.session.monitor, self.natives[event.watch]
  local process = monitor:describe(event.pid)
  local holds = process ~= nil and matching.holds(self.session, self, native, process)
  if self.stopped then return end -- by `where` itself
  assert(monitor:answer(event.watch, event.pid, process and process.start_ticks or 0, holds))
end

-- Why a pidfile names no process yet, if there is a pidfile.
local function pidfile_reason(self, native)
  for _, path in ipairs(native.pidfiles or {}) do
    local pid, message, code = self.session.monitor:pidfile(path)
    if not pid and code ~= "ENOENT" then return (": %s: %s"):format(path, message) end
  end
  return ""
end

-- The process of a `spawn` ended before the first look. Its end is reported already; the action for
-- its exit runs all the same.
local function exit_unseen(self, event)
  local name = self.rule.spawn.argv[1]:match "[^/]*$"
  local target = targets.ended(self.session, self.label, { pid = event.pid, name = name })
  self.session:saw_target()
  receiving.start(self, self.handlers.on_exit, target, {
    type = "exit",
    time = event.time_ns / SECOND,
    total = targets.measures(),
  })
end

-- A pid without a process never gets one. Anything else can come later.
local function tell_missing(self, event)
  if self.rule.spawn then return exit_unseen(self, event) end
  if event.pid then
    return self.session:record("missing", self, { pid = event.pid, reason = event.message })
  end
  local native = self.natives[event.watch]
  local _, _, left_out = matching.find(self.session, { native })
  self.session:record("missing", self, {
    reason = ("nothing matches %s yet%s%s%s%s"):format(
      selectors.show(native),
      matching.hint_of_left_out(left_out or {}),
      matching.hint_of_udp(self.session, native.ports and native.ports[1]),
      matching.suggest_name(self.session, native.names and native.names[1]),
      pidfile_reason(self, native)
    ),
  })
end

local NOISE_EVERY = 10 * SECOND -- and target; what makes noise makes it all the time

local noise_told = setmetatable({}, { __mode = "k" }) -- target → when, in ns

-- Something moved, but stayed below its floor.
local function tell_noise(self, event)
  local target = self.session.targets[event.target]
  local told_ns = noise_told[target]
  if not target or told_ns and event.time_ns - told_ns < NOISE_EVERY then return end
  noise_told[target] = event.time_ns
  self.session:record("noise", target, {
    gain = event.gain,
    seconds = event.moved_in_ns / SECOND,
    idle_for = event.idle_for_ns / SECOND,
  })
end

-- The target would be idle, but one of its processes waits.
local function tell_waiting(self, event)
  local target = self.session.targets[event.target]
  if not target then return end
  self.session:record("waiting", target, {
    waits_for = event.waits_for,
    reason = event.message,
    idle_for = event.idle_for_ns / SECOND,
  })
end

local special = {
  waiting = tell_waiting,
  noise = tell_noise,
  finished = function(self, event) native_is_over(self, event.watch) end,
  candidate = answer,
  missing = tell_missing,
}

-- Events that change no state. Each has its own report; the result is the action.
local of_measures = {
  over = crossings.tell,
  under = crossings.tell,
  unjudged = crossings.tell_unjudged,
  sample = function(self) return self.handlers.on_sample end,
}

--- Takes an event of one of the watch's native watches.
---@param self watchio.Watch
---@param event watchio.native.Event
function receiving.take(self, event)
  if special[event.type] then return special[event.type](self, event) end
  local target = target_of(self, event)
  if not target then return end
  targets.update(target, event)
  local seen = for_handlers(event)
  local take = of_measures[event.type]
  if take then return receiving.start(self, take(self, target, event, seen), target, seen) end
  self.session:record(event.type, target, {
    kind = event.kind,
    why = seen.why,
    rate = rates(event),
    idle_for = seen.idle_for,
    last = seen.last,
    total = event.total,
    at_least = event.at_least or nil,
    reason = event.message or events.of(event.type).reason,
  })
  if event.type == "active" then kill.note_active(target, seen.time) end
  if event.type == "idle" then self.session:tell_followers(target) end
  local is_last = targets.is_last(event)
  if is_last then
    self.by_pid[target.pid] = nil
    stop.forget(self.session, target)
    self.session:target_ended(target)
  end
  receiving.start(self, self.handlers[events.of(event.type).handler], target, seen)
  for _, each in ipairs(self.rounds) do
    if not self.stopped then each:take(target, seen, is_last) end
  end
end

return receiving
