-- SPDX-License-Identifier: MIT
-- A watch at work: its native watches, its targets, its handlers and rounds.
local action = require "watchio.tasks.action"
local defaults = require "watchio.watch.defaults"
local is_same = require "watchio.base.same"
local launch = require "watchio.command.launch"
local mistake = require "watchio.base.mistake"
local named = require "watchio.watch.named"
local rails = require "watchio.verbs.rails"
local receiving = require "watchio.watch.receiving"
local rounds = require "watchio.watch.rounds"
local schema = require "watchio.check.schema"
local selectors = require "watchio.check.selectors"
local stop = require "watchio.verbs.stop"
local tables = require "watchio.base.tables"

---@class watchio.Watch
---@field label string
---@field rule watchio.Rule
---@field session watchio.Session
---@field edition watchio.Edition of the policy that has it
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
  local function receive(event) receiving.take(self, event) end
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

-- Adds the native watches. Pids that other processes have by now are reported once the policy has
-- loaded, unless the watch goes on with the processes that it had before.
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
        function(act, target, event) receiving.start(self, act, target, event) end
      )
  end
end

---@class watchio.WatchInside what a watch of watchio's own has besides a policy's
---@field selector? watchio.native.Selector what it watches, where no key of the options says so
---@field observe? fun(event: watchio.native.Event, receive: fun(event: watchio.native.Event)) is
---given each event, and what has the watch receive it
---@field adopts? boolean who becomes a child of this process belongs to its first target

--- Adds a watch. Wrong options raise an error at the caller's line. No process is read before the
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

--- Stops watching; harmless if the watch is stopped already. Running commands go on.
function Watch:stop()
  mistake.check_self(getmetatable(self) == Watch, "watch:stop")
  self.stopped = true
  local left = self:targets()
  for id in pairs(self.natives) do
    for _, known in ipairs(self.session.monitor:targets(id)) do
      local target = self.session.targets[known]
      if target then stop.let_go(self.session, target, "its watch has stopped") end
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
  for _, target in ipairs(left) do
    self.session:tell_followers(target)
  end
end

-- The facts that say which processes it watches, and how it judges.
local function judging(rule)
  local same = tables.merged(rule)
  same.handlers, same.while_active, same.while_idle = nil, nil, nil
  return same
end

--- Whether it watches the same processes as a watch of the old policy, in the same way.
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

return watch
