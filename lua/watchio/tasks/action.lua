-- SPDX-License-Identifier: MIT
-- The actions of a policy. An action is data: a verb with its checked options. It can be called
-- with a target and an event, shown, compared, and carried over a reload.
local is_same = require "watchio.base.same"
local mistake = require "watchio.base.mistake"
local task = require "watchio.tasks.task"

local action = {}

---@class watchio.Verb
---@field name string
---@field check fun(...): table? what the verb is given → its options; nil and a message when wrong
---@field text fun(options: table): string what it does, for people
---@field perform fun(self, target?: watchio.Target, event?: watchio.Event): boolean?, string?
---@field new_state? fun(options: table): table what an action remembers from call to call
---@field at_once? boolean in a handler it is done where it stands, and returns how it went
---@field unasked? boolean it is done also when it is neither called nor passed on: by the handler
---that makes it, or once the policy has loaded
---@field while_loading? boolean harmless before the policy has loaded

---@class watchio.ActionObject
---@field verb watchio.Verb
---@field options table checked, and never changed
---@field state? table
---@field session watchio.Session
---@field private id? integer while the action was made in a handler and not used yet
---@field private unused? boolean the same, for an action that is done unasked
---@overload fun(target?: watchio.Target, event?: watchio.Event): boolean?, string?
local Action = { __name = "watchio.action" }
Action.__index = Action

local verbs = {} -- name → the function that makes its actions

--- Whether a value is an action object.
---@param value any
---@return boolean
function action.is(value) return getmetatable(value) == Action end

-- Actions that a handler, or a loading policy, has made and not used yet: id → action and id →
-- where. If one is collected unused, it never did anything, which is a mistake of the policy.
local made, places, last_made = setmetatable({}, { __mode = "v" }), {}, 0

local function remember(self)
  last_made = last_made + 1
  made[last_made], places[last_made] = self, mistake.place() .. tostring(self)
  self.id = last_made
end

local function use(self)
  self.unused = nil
  if self.id then
    places[self.id], made[self.id], self.id = nil, nil, nil
  end
end

--- The actions that were made in a handler, or while a policy loads, and were collected before they
--- were done.
---@return string[] where and what, e.g. `policy.lua:7: run make`
function action.forgotten()
  if next(places) == nil then return {} end
  collectgarbage()
  local told = {}
  for id, place in pairs(places) do
    if not made[id] then
      told[#told + 1], places[id] = place, nil
    end
  end
  table.sort(told)
  return told
end

--- Forgets the actions made until now: an action that a loaded policy keeps may never be needed.
function action.forget_all()
  for id in pairs(places) do
    places[id], made[id] = nil, nil
  end
end

local function perform_in_task(self, target, event)
  if task.is_running() then return self.verb.perform(self, target, event) end
  self.session:start(function() self.verb.perform(self, target, event) end, target, event)
end

function Action:__call(target, event)
  use(self)
  local verb = self.verb
  if verb.while_loading then return verb.perform(self, target, event) end
  if self.session.loading then
    mistake.raise(
      verb.name .. ": no action runs while the policy loads (want a handler, or after)"
    )
  end
  return perform_in_task(self, target, event)
end

function Action:__tostring()
  local text = self.verb.text(self.options)
  return text == "" and self.verb.name or self.verb.name .. " " .. text
end

local function new(session, verb, ...)
  local options = mistake.check(verb.name, verb.check(...))
  local state = verb.new_state and verb.new_state(options)
  return setmetatable(
    { verb = verb, options = options, state = state, session = session },
    Action
  )
end

local unasked = setmetatable({}, { __mode = "k" }) -- edition → calls for once it has loaded

-- In a handler, `log "x"` acts at once. In `after("1s", log "x")` it acts a second later.
local function do_if_unused(self, handler)
  local function do_it()
    if self.unused then self(handler and handler.target, handler and handler.event) end
  end
  self.unused = true
  if handler then return task.before_anything_else(do_it) end
  local edition = self.session.edition
  local waiting = unasked[edition] or {}
  unasked[edition] = waiting
  waiting[#waiting + 1] = do_it
end

--- Does the actions that a policy made while it loaded and that act without a call.
---@param session watchio.Session
function action.catch_up(session)
  local waiting = unasked[session.edition] or {}
  unasked[session.edition] = nil
  for _, do_it in ipairs(waiting) do
    do_it()
  end
end

--- Makes a verb for policies. It checks its arguments at once and returns an action.
---@param verb watchio.Verb
---@return fun(session: watchio.Session, ...): watchio.ActionObject|any
function action.define(verb)
  local function make(session, ...)
    local self = new(session, verb, ...)
    local handler = task.context()
    if verb.at_once and session.begun and not session.loading and not handler then
      mistake.raise(
        verb.name .. ": only a handler itself can do that, no coroutine that it made"
      )
    end
    if not handler and not session.loading then return self end
    if handler and verb.at_once then
      return verb.perform(self, handler.target, handler.event)
    end
    if verb.unasked then
      do_if_unused(self, handler)
    else
      remember(self)
    end
    return self
  end
  verbs[verb.name] = make
  return make
end

-- Runs the actions in order, each after the one before has finished. One that fails or is skipped
-- (returns false) ends the list: a kill must not follow a save that failed.
local function in_order(self, target, event)
  for _, step in ipairs(self.options) do
    local done, reason = step(target, event)
    if done == false then return false, reason end
  end
  return true
end

local list = {
  name = "list",
  perform = in_order,
  text = function(actions)
    local texts = {}
    for index, step in ipairs(actions) do
      texts[index] = action.text(step)
    end
    return table.concat(texts, ", ")
  end,
}

--- Makes an action of a policy's value. A function is an action, a string is short for `run`, and a
--- list runs in order.
---@param session watchio.Session
---@param value watchio.Action checked already
---@return watchio.ActionObject|fun(target, event)
function action.of(session, value)
  if action.is(value) then use(value) end
  if action.is(value) or type(value) == "function" then return value end
  if type(value) == "string" then
    local short = verbs.run(session, value)
    use(short)
    return short
  end
  local actions = {}
  for index, step in ipairs(value) do
    actions[index] = action.of(session, step)
  end
  return setmetatable({ verb = list, options = actions, session = session }, Action)
end

--- Whether some part of an action is a function of the policy.
---@param value watchio.ActionObject|fun(target, event)
---@return boolean
function action.has_function(value)
  if type(value) == "function" then return true end
  if value.verb ~= list then return false end
  for _, step in ipairs(value.options) do
    if action.has_function(step) then return true end
  end
  return false
end

--- One line that says what an action does.
---@param value watchio.ActionObject|fun(target, event)
---@return string e.g. "run make all", "function at policy.lua:7"
function action.text(value)
  if type(value) ~= "function" then
    return value.verb == list and list.text(value.options) or tostring(value)
  end
  local where = debug.getinfo(value, "S")
  return ("function at %s:%d"):format(where.short_src, where.linedefined)
end

--- Hands the memory of an action (a running command, a cooldown) to the action in its place after a
--- reload, if that does the same.
---@param old? watchio.ActionObject|fun(...)
---@param now? watchio.ActionObject|fun(...)
function action.hand_over(old, now)
  if not action.is(old) or not action.is(now) or old.verb ~= now.verb then return end
  if now.verb == list then
    for index, step in ipairs(now.options) do
      action.hand_over(old.options[index], step)
    end
  elseif old.state and is_same(old.options, now.options) then
    now.state = old.state
  end
end

return action
