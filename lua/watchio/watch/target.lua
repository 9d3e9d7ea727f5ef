-- SPDX-License-Identifier: MIT
-- Targets as handlers see them.
local clock = require "watchio.base.clock"
local events = require "watchio.base.events"
local kill = require "watchio.verbs.kill"
local measures = require "watchio.base.measures"
local mistake = require "watchio.base.mistake"
local priority = require "watchio.verbs.priority"
local signal = require "watchio.verbs.signal"
local signals = require "watchio.check.signals"
local stop = require "watchio.verbs.stop"
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"
local units = require "watchio.base.units"
local users = require "watchio.base.users"
local wait = require "watchio.verbs.wait"

local target = {}

local SECOND = units.SECOND

local state_of = setmetatable({}, { __mode = "k" }) -- target → what it is made of

local methods = {}

local function is_over(state) return state.ended or state.session.closed end

-- The present facts from the engine, or the last known ones.
local function snapshot(self)
  local state = state_of[self]
  local now = not is_over(state) and state.session.monitor:target(self.id)
  if now then state.snapshot = now end
  return state.snapshot
end

-- The living processes; after the exit, the last known ones.
local function pids_of(self)
  local state = state_of[self]
  state.pids = not is_over(state) and state.session.monitor:pids(self.id) or state.pids
  return state.pids
end

local strict_measures = {
  __index = function(values, name)
    local counter = measures.counter(name)
    if counter then return rawget(values, counter) end
    mistake.raise(measures.unknown(name))
  end,
}

--- Measures whose unknown names raise.
---@param values? table<string, number>
function target.measures(values) return setmetatable(values or {}, strict_measures) end

-- The rate per second. If its watch measures rates, it is the rate between the latest two samples.
-- Otherwise it is the rate since the last request, at least an interval ago; at first, since the
-- target was first seen.
local function rate_of(self)
  local state, now = state_of[self], snapshot(self)
  if now.moved then return measures.rate(now.moved, now.moved_in_ns) end
  if is_over(state) then return state.rated and state.rated.rate or {} end
  local total, at = now.total, state.session:now()
  local observer = state.session.observers:of(now.watch)
  local before = state.rated or { at = now.since_ns, total = {}, rate = {} }
  local least = state.rated and observer and observer.every_ns or 1
  if not total or not before.at or at - before.at < least then return before.rate end
  local moved = {}
  for name, amount in pairs(total) do
    moved[name] = amount - (before.total[name] or 0)
  end
  local rate = measures.rate(moved, at - before.at)
  state.rated = { at = at, total = total, rate = rate }
  return rate
end

local fields = {
  pids = pids_of,
  rate = function(self) return target.measures(rate_of(self)) end,
  name = function(self) return snapshot(self).name end,
  cmd = function(self) return snapshot(self).cmd end,
  user = function(self)
    local uid = snapshot(self).uid
    return uid and users.name(uid)
  end,
  unit = function(self) return snapshot(self).unit end,
  state = function(self)
    local state = state_of[self]
    if state.ended then return state.ended end
    local now = not state.session.closed and state.session.monitor:state(self.id)
    return now or snapshot(self).judged
  end,
  idle_for = function(self) return snapshot(self).idle_for_ns / SECOND end,
  started = function(self)
    local ticks = snapshot(self).start_ticks
    return ticks and clock.started(ticks)
  end,
  total = function(self) return target.measures(snapshot(self).total) end,
  at_least = function(self) return snapshot(self).at_least or false end,
}

local field_names = tables.keys(fields)
for _, name in ipairs {
  "id",
  "pid",
  "label",
  "alive",
  "signal",
  "kill",
  "stop",
  "cont",
  "nice",
  "ionice",
  "wait_exit",
  "wait_idle",
} do
  field_names[#field_names + 1] = name
end
table.sort(field_names)

-- Whether the first process of a target that is no longer judged lives.
local function lives_elsewhere(self, state)
  local now = not state.session.closed and state.session.monitor:describe(self.pid)
  return now and not now.ended and now.start_ticks == state.snapshot.start_ticks or false
end

--- Whether its process still lives.
---@return boolean
function methods:alive()
  local state = state_of[self]
  if state.ended == "left" then return lives_elsewhere(self, state) end
  if state.ended then return false end
  local monitor = state.session.monitor
  local lives, _, code = monitor:signal(self.id, 0)
  if lives then return true end
  if monitor:target(self.id) then return code ~= "ESRCH" end
  return lives_elsewhere(self, state) -- its watch has stopped
end

--- Sends a signal.
---@param value string|integer e.g. "HUP"
---@return true?
---@return string? message
---@return string? code
function methods:signal(value)
  local number = mistake.check("signal", signals.number(value))
  return signal.send(state_of[self].session, self, number)
end

--- Stops its processes; see the verb stop.
function methods:stop() return stop.hold(state_of[self].session, self) end

--- Continues them.
function methods:cont() return stop.continue(state_of[self].session, self) end

--- Sets the nice value of its processes.
---@param value integer
function methods:nice(value)
  local options = mistake.check("nice", priority.check_nice(value))
  return priority.nice(state_of[self].session, self, options)
end

--- Sets their I/O priority.
---@param class "idle"|"best-effort"|"realtime"
---@param level? integer
function methods:ionice(class, level)
  local options = mistake.check("ionice", priority.check_ionice(class, level))
  return priority.ionice(state_of[self].session, self, options)
end

--- Ends it; see the verb kill.
---@param options? watchio.KillOptions
---@return boolean? gone
---@return string? message
function methods:kill(options) return kill.new(state_of[self].session, options)(self, nil) end

--- Wait, in a handler, until it has ended or is idle; see the verbs.
---@param duration? watchio.Duration how long at most
---@return boolean
---@return string? reason e.g. "timeout"
function methods:wait_exit(duration)
  return wait.for_exit_of(state_of[self].session, self, duration)
end
function methods:wait_idle(duration)
  return wait.for_idle_of(state_of[self].session, self, duration)
end

for name, method in pairs(methods) do
  methods[name] = function(self, ...)
    mistake.check_self(state_of[self] ~= nil, "target:" .. name)
    return method(self, ...)
  end
end

local function read(self, name)
  if methods[name] then return methods[name] end
  if fields[name] then return fields[name](self) end
  mistake.raise(("a target has no '%s'%s"):format(tostring(name), suggest(name, field_names)))
end

local Target = {
  __name = "watchio.target",
  __index = read,
  __newindex = function() mistake.raise "a target cannot be changed" end,
  __tostring = function(self) return ("%s[%d]"):format(self.name, self.pid) end,
}

-- The facts of a process that ended before anybody could inspect it.
local function bare_snapshot(process)
  return { name = process.name, cmd = process.name, judged = "quiet", idle_for_ns = 0 }
end

--- Makes a target.
---@param session watchio.Session
---@param label string of the watch
---@param id integer the engine's number of it
---@param process { pid: integer, name: string } its first process
---@param keep boolean whether somebody may ask for its fields after its exit
---@return watchio.Target
function target.new(session, label, id, process, keep)
  local self = { id = id, pid = process.pid, label = label }
  local snapshot_now = keep and session.monitor:target(id)
  state_of[self] = {
    session = session,
    ended = false,
    name = process.name,
    pids = { process.pid },
    snapshot = snapshot_now or bare_snapshot(process),
  }
  return setmetatable(self, Target)
end

--- Makes the target of a process that ended before anybody could inspect it.
---@param session watchio.Session
---@param label string of the watch
---@param process { pid: integer, name: string }
---@return watchio.Target
function target.ended(session, label, process)
  local self = target.new(session, label, 0, process, false)
  state_of[self].ended = "exited"
  return self
end

--- Whether an event is the last of its target, which has ended or no longer matches its watch.
---@param event watchio.native.Event
---@return boolean
function target.is_last(event) return events.of(event.type).last ~= nil end

--- Updates the target from an event. After the last event these facts stay.
---@param self watchio.Target
---@param event watchio.native.Event
function target.update(self, event)
  local state = state_of[self]
  state.name = event.name or state.name
  if not target.is_last(event) then return end
  state.ended = events.of(event.type).last
  state.snapshot.idle_for_ns = event.idle_for_ns or state.snapshot.idle_for_ns
  state.snapshot.total = event.total or state.snapshot.total
  if event.at_least ~= nil then state.snapshot.at_least = event.at_least end
end

--- The facts of a target in a record; nil if the value is no target.
---@param self watchio.Target|watchio.Watch
---@return { pid: integer, name: string, pids: integer[] }?
function target.brief(self)
  local state = state_of[self]
  return state and { pid = self.pid, name = state.name, pids = pids_of(self) }
end

return target
