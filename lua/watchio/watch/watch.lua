-- SPDX-License-Identifier: MIT
-- A watch at work: its native watches, its targets, its handlers and rounds.
local action = require "watchio.tasks.action"
local defaults = require "watchio.watch.defaults"
local events = require "watchio.base.events"
local launch = require "watchio.command.launch"
local kill = require "watchio.verbs.kill"
local is_same = require "watchio.base.same"
local limits = require "watchio.check.limits"
local matching = require "watchio.check.matching"
local measures = require "watchio.base.measures"
local mistake = require "watchio.base.mistake"
local named = require "watchio.watch.named"
local rails = require "watchio.verbs.rails"
local rounds = require "watchio.watch.rounds"
local schema = require "watchio.check.schema"
local selectors = require "watchio.check.selectors"
local stop = require "watchio.verbs.stop"
local tables = require "watchio.base.tables"
local target = require "watchio.watch.target"
local units = require "watchio.base.units"

local SECOND = units.SECOND

---@class watchio.Watch
---@field label string
---@field rule watchio.Rule
---@field session watchio.Session
---@field private edition watchio.Edition of the policy that has it
---@field stopped boolean
---@field continued? boolean it goes on with what a watch of the policy before had
---@field launched? boolean the process of its `spawn` was started
---@field natives table<integer, watchio.native.Selector> the native watches at work
---@field by_pid table<integer, watchio.Target>
---@field handlers table<string, watchio.ActionObject|fun(target, event)> on_… → action
---@field rounds watchio.Rounds[]
---@field private observe? fun(event: watchio.native.Event, receive: fun(event)) see WatchInside
---@field private adopts? boolean
local Watch = { __name = "watchio.watch" }
Watch.__index = Watch

local watch = {}

local function label_of(rule)
  if rule.label then return rule.label end
  if rule.spawn then return rule.spawn.text end
  return selectors.label(rule.selectors[1])
end

local function observer_of(self, selector)
  local function receive(event) self:receive(event) end
  local observe = self.observe
  local take = observe and function(event) observe(event, receive) end or receive
  return { take = take, watch = self, selector = selector }
end

local function add_native(self, selector)
  local rule = self.rule
  local options = {
    per = rule.per,
    every_ns = rule.every_ns,
    idle_ns = rule.idle_ns,
    counts = rule.counts,
    floor = rule.floor.hidden,
    floor_if_shown = rule.floor.shown,
    noise = self.session.verbose,
    limits = rule.limits,
    samples = rule.samples,
    orphans = self.adopts,
    patient = self.adopts,
  }
  for key, values in pairs(selector) do
    options[key] = values
  end
  local observer = observer_of(self, selector)
  local id = mistake.check("watch", self.session.observers:add(options, observer))
  self.natives[id] = selector
end

-- Looks for what it names. Of pids that other processes have by now it is told once the policy has
-- loaded, unless the watch goes on with those that it had before.
local function add_natives(self)
  for _, selector in ipairs(self.rule.selectors) do
    local same, others = named.same(self.session, selector)
    if same then add_native(self, same) end
    for _, pid in ipairs(others) do
      self.session:once_loaded(function()
        if self.continued then return end
        local reason = "process %d is not the one that this pid first named, which has ended"
        self.session:record("missing", self, { pid = pid, reason = reason:format(pid) })
        if not next(self.natives) then self.edition.watches:remove(self) end
      end)
    end
  end
end

-- Starts the process of a `spawn` and watches it by its pid. It ends with watchio.
local function spawn(self)
  if self.stopped or self.launched or self.session.finishing then return end
  local session, spec = self.session, self.rule.spawn
  if session.dry then
    session:record("run", self, { command = spec.text })
    return self
  end
  local started, reason, code = launch.start(
    session,
    spec,
    self,
    nil,
    false,
    function(ended) launch.tell_end(session, spec, self, ended) end
  )
  if not started then
    session:record("error", self, { command = spec.text, reason = reason })
    return nil, reason, code
  end
  self.launched = true
  session:saw_target()
  add_native(self, { pids = { started.group.pid } })
  return self
end

-- Starts an action of the watch, unless one before it has stopped the watch.
local function start(self, act, on, event)
  if not act or self.stopped then return end
  self.session:start(act, on, event, function(...)
    if self.handlers.on_error and not self.stopped then self.handlers.on_error(...) end
  end)
end

local function compile(self)
  local session, rule = self.session, self.rule
  self.handlers, self.rounds = {}, {}
  for name, value in pairs(rule.handlers) do
    self.handlers[name] = action.of(session, value)
  end
  for _, state in ipairs { "active", "idle" } do
    local checked = rule["while_" .. state]
    self.rounds[#self.rounds + 1] = checked
      and rounds.new(
        session,
        state,
        checked,
        function(act, on, event) start(self, act, on, event) end
      )
  end
end

---@class watchio.WatchInside what a watch of watchio's own has besides a policy's
---@field selector? watchio.native.Selector what it watches, where no key of the options says so
---@field observe? fun(event: watchio.native.Event, receive: fun(event: watchio.native.Event)) is
---given each event, and what has the watch receive it
---@field adopts? boolean who becomes a child of this process belongs to its first target

--- Adds a watch; wrong options raise at the caller's line. Nothing is looked at before the
--- loop runs.
---@param session watchio.Session
---@param options watchio.WatchOptions
---@param inside? watchio.WatchInside
---@return watchio.Watch? nil when the process of `spawn` cannot be started
---@return string? message
---@return string? code
function watch.new(session, options, inside)
  inside = inside or {}
  local rule = schema.watch(defaults.with(session, options), inside.selector)
  local self = setmetatable({
    session = session,
    edition = session.edition,
    rule = rule,
    observe = inside.observe,
    adopts = inside.adopts,
    natives = {},
    by_pid = {},
  }, Watch)
  self.label = label_of(rule)
  compile(self)
  self.stopped = session.finishing
  if self.stopped then return self end
  self.edition.watches:add(self)
  session:expect_targets()
  add_natives(self)
  if not rule.spawn then return self end
  return session:once_loaded(function() return spawn(self) end, self)
end

--- Stops watching; harmless when it is stopped already. Commands that run go on.
function Watch:stop()
  mistake.check_self(getmetatable(self) == Watch, "watch:stop")
  self.stopped = true
  local left = self:targets()
  for id in pairs(self.natives) do
    for _, known in ipairs(self.session.monitor:targets(id)) do
      local on = self.session.targets[known]
      if on then stop.let_go(self.session, on, "its watch has stopped") end
      self.session:drop_target(known)
    end
    self.session.observers:remove(id)
  end
  self.natives = {}
  for _, each in ipairs(self.rounds) do
    each:stop()
  end
  self.by_pid = {}
  self.edition.watches:remove(self)
  for _, on in ipairs(left) do
    self.session:tell_followers(on)
  end
end

-- What it watches, and how it judges.
local function judging(rule)
  local same = tables.merged(rule)
  same.handlers, same.while_active, same.while_idle = nil, nil, nil
  return same
end

--- Whether it watches what a watch of the policy before does, in the same way.
---@param other watchio.Watch
---@return boolean
function Watch:continues(other)
  return not other.stopped and is_same(judging(self.rule), judging(other.rule))
end

--- Goes on with the targets, clocks and commands of a watch that ends by this.
---@param old watchio.Watch
function Watch:take_over(old)
  local session = self.session
  for id in pairs(self.natives) do
    session.observers:remove(id)
  end
  local mine, now = self.rule.selectors, {}
  for index, selector in ipairs(old.rule.selectors) do
    now[selector] = mine[index]
  end
  self.natives, self.by_pid, self.launched = {}, old.by_pid, old.launched
  for id, selector in pairs(old.natives) do
    self.natives[id] = now[selector] or selector
    session.observers:hand_over(id, observer_of(self, self.natives[id]))
  end
  for name, act in pairs(self.handlers) do
    action.hand_over(old.handlers[name], act)
  end
  for _, each in ipairs(self.rounds) do
    each:take_over(old.rounds, self:targets())
  end
  for _, each in ipairs(old.rounds) do
    each:stop()
  end
  rails.hand_over(old, self)
  old.natives, old.stopped = {}, true
  old.edition.watches:remove(old)
  self.continued = true
end

--- Its targets now, in the order they were first seen.
---@return watchio.Target[]
function Watch:targets()
  mistake.check_self(getmetatable(self) == Watch, "watch:targets")
  local ids, list = {}, {}
  for id in pairs(self.natives) do
    for _, known in ipairs(self.session.monitor:targets(id)) do
      ids[#ids + 1] = known
    end
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    list[#list + 1] = self.session.targets[id]
  end
  return list
end

-- A process that two selectors of one watch match is one target.
local function is_known_already(self, event) return self.by_pid[event.pid] ~= nil end

local function target_of(self, event)
  local targets = self.session.targets
  if
    event.type == "start"
    and not targets[event.target]
    and not is_known_already(self, event)
  then
    local keep = next(self.handlers) ~= nil or #self.rounds > 0
    local made = target.new(self.session, self.label, event.target, event, keep)
    self.by_pid[event.pid] = made
    self.session:add_target(made)
    self.session:tell_if_crowded()
  end
  return targets[event.target]
end

-- What moved, by how much a second; kind by kind in one table, as in `total`.
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
    rate = event.moved_in_ns and target.measures(rates(event)),
    total = event.total and target.measures(event.total),
    at_least = event.at_least or nil,
  }
end

-- Nothing is left that one of the native watches could ever see.
local function native_is_over(self, id)
  self.session.observers:remove(id)
  self.natives[id] = nil
  if next(self.natives) == nil then self.edition.watches:remove(self) end
end

-- A process matches all but `where`, which is asked now.
local function answer(self, event)
  local monitor, native = self.session.monitor, self.natives[event.watch]
  local process = monitor:describe(event.pid)
  local holds = process ~= nil and matching.holds(self.session, self, native, process)
  if self.stopped then return end -- by `where` itself
  assert(monitor:answer(event.watch, event.pid, process and process.start_ticks or 0, holds))
end

-- Why a pidfile names nobody yet, where there is one.
local function pidfile_reason(self, native)
  for _, path in ipairs(native.pidfiles or {}) do
    local pid, message, code = self.session.monitor:pidfile(path)
    if not pid and code ~= "ENOENT" then return (": %s: %s"):format(path, message) end
  end
  return ""
end

-- What a `spawn` has started had ended before the first look. Its end is told already; what is to
-- be done at its exit is done all the same.
local function exit_unseen(self, event)
  local name = self.rule.spawn.argv[1]:match "[^/]*$"
  local on = target.ended(self.session, self.label, { pid = event.pid, name = name })
  self.session:saw_target()
  start(self, self.handlers.on_exit, on, {
    type = "exit",
    time = event.time_ns / SECOND,
    total = target.measures(),
  })
end

-- A pid that is no process never becomes one; anything else can come later.
local function tell_missing(self, event)
  if self.rule.spawn then return exit_unseen(self, event) end
  if event.pid then
    return self.session:record("missing", self, { pid = event.pid, reason = event.message })
  end
  local native = self.natives[event.watch]
  local _, _, left_out = matching.find(self.session, { native })
  self.session:record("missing", self, {
    reason = ("nothing matches %s yet%s%s%s"):format(
      selectors.show(native),
      matching.hint_of_left_out(left_out or {}),
      matching.suggest_name(self.session, native.names and native.names[1]),
      pidfile_reason(self, native)
    ),
  })
end

local NOISE_EVERY = 10 * SECOND -- and target; what makes noise makes it all the time

local noise_told = setmetatable({}, { __mode = "k" }) -- target → when, in ns

-- Something moved that did not count: it almost happened.
local function tell_noise(self, event)
  local on = self.session.targets[event.target]
  local told_ns = noise_told[on]
  if not on or told_ns and event.time_ns - told_ns < NOISE_EVERY then return end
  noise_told[on] = event.time_ns
  self.session:record("noise", on, {
    gain = event.gain,
    seconds = event.moved_in_ns / SECOND,
    idle_for = event.idle_for_ns / SECOND,
  })
end

-- It would be idle, but for what one of its processes waits for.
local function tell_waiting(self, event)
  local on = self.session.targets[event.target]
  if not on then return end
  self.session:record("waiting", on, {
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

-- Events that change no state, told each in its own way: what is to be done.
local of_measures = {
  over = limits.cross,
  under = limits.cross,
  unjudged = limits.tell_unjudged,
  sample = function(self) return self.handlers.on_sample end,
}

--- Takes an event of one of its native watches.
---@param event watchio.native.Event
function Watch:receive(event)
  if special[event.type] then return special[event.type](self, event) end
  local on = target_of(self, event)
  if not on then return end
  target.update(on, event)
  local seen = for_handlers(event)
  local take = of_measures[event.type]
  if take then return start(self, take(self, on, event, seen), on, seen) end
  self.session:record(event.type, on, {
    kind = event.kind,
    why = seen.why,
    rate = rates(event),
    idle_for = seen.idle_for,
    last = seen.last,
    total = event.total,
    at_least = event.at_least or nil,
    reason = event.message or events.of(event.type).reason,
  })
  if event.type == "active" then kill.note_active(on, seen.time) end
  if event.type == "idle" then self.session:tell_followers(on) end
  local is_last = target.is_last(event)
  if is_last then
    self.by_pid[on.pid] = nil
    stop.forget(self.session, on)
    self.session:target_ended(on)
  end
  start(self, self.handlers[events.of(event.type).handler], on, seen)
  for _, each in ipairs(self.rounds) do
    if not self.stopped then each:take(on, seen, is_last) end
  end
end

return watch
