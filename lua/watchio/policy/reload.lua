-- SPDX-License-Identifier: MIT
-- Reload: a new version of the policy takes the place of the one at work. What it watches as before
-- goes on with its targets, clocks and commands; the handlers are always the new ones.
local format = require "watchio.base.format"
local handles = require "watchio.watch.handles"

local reload = {}

-- Stops what a version of the policy has set up.
local function stop(rules, timers)
  for _, watch in ipairs(rules) do
    watch:stop()
  end
  for _, timer in ipairs(timers) do
    timer:stop()
  end
end

-- Pairs each of the new with the first of the old that it continues; returns the old that are left.
local function pair(new, old)
  local left, kept = old, 0
  for _, each in ipairs(new) do
    for index, before in ipairs(left) do
      if each:continues(before) then
        each:take_over(before)
        table.remove(left, index)
        kept = kept + 1
        break
      end
    end
  end
  return left, kept
end

local function unload(modules)
  for name in pairs(modules) do
    package.loaded[name] = nil
  end
end

local function give_up(session, before, message)
  stop(session.rules:list(), session.timers:list())
  unload(session.modules)
  handles.close(session.handles)
  for name, module in pairs(before.modules) do
    package.loaded[name] = module
  end
  session:take_back(before)
  session:record("reload", nil, { reason = message .. " (the policy before goes on)" })
  return false
end

-- E.g. "1 watch goes on, 2 begin, 0 end".
local function changes(kept, new, gone)
  return ("%s %s on, %d %s, %d %s"):format(
    format.count(kept, "watch", "es"),
    kept == 1 and "goes" or "go",
    new,
    new == 1 and "begins" or "begin",
    gone,
    gone == 1 and "ends" or "end"
  )
end

--- Loads anew by `load`, which adds to the session as a first load does. What does not load changes
--- nothing, and is told in one line.
---@param session watchio.Session
---@param load fun(): boolean?, string?
---@return boolean loaded
function reload.perform(session, load)
  if session.finishing then return false end
  local before = session:set_aside()
  unload(before.modules)
  local ok, message = load()
  if not ok then return give_up(session, before, message) end
  local rules = session.rules:list()
  local old_rules, kept = pair(rules, before.rules:list())
  local old_timers = pair(session.timers:list(), before.timers:list())
  stop(old_rules, old_timers)
  handles.close(before.handles)
  session:record("reload", nil, { message = changes(kept, #rules - kept, #old_rules) })
  session:begin()
  return true
end

return reload
