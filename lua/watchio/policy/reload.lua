-- SPDX-License-Identifier: MIT
-- Reload: a new version of the policy replaces the current one. Watches that stay the same go on
-- with their targets, clocks and commands. Their handlers are always the new ones.
local format = require "watchio.base.format"
local handles = require "watchio.watch.handles"
local modules = require "watchio.policy.modules"

local reload = {}

-- Lets each new watch or timer take over from the first old one that it continues. Returns how many
-- did.
local function pair(new, old)
  local left, kept = old:list(), 0
  for _, each in ipairs(new:list()) do
    for index, before in ipairs(left) do
      if each:continues(before) then
        each:take_over(before)
        table.remove(left, index)
        kept = kept + 1
        break
      end
    end
  end
  return kept
end

local function give_up(session, before, message)
  local failed = session.edition
  failed:stop()
  modules.unload(failed)
  handles.close(failed)
  modules.put_back(before.edition)
  session:take_back(before)
  session:record("reload", nil, { reason = message .. " (the policy before goes on)" })
  return false
end

-- Tells what has changed, e.g. "1 watch goes on, 2 begin, 0 end".
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

--- Loads the policy again by `load`, which adds to the session as the first load does. A policy
--- that does not load changes nothing, and is reported in one line.
---@param session watchio.Session
---@param load fun(): boolean?, string?
---@return boolean loaded
function reload.perform(session, load)
  if session.finishing then return false end
  local before = session:set_aside()
  modules.unload(before.edition)
  local ok, message = load()
  if not ok then return give_up(session, before, message) end
  local old, new = before.edition, session.edition
  local kept = pair(new.watches, old.watches)
  pair(new.timers, old.timers)
  message = changes(kept, #new.watches - kept, #old.watches)
  old:stop()
  handles.close(old)
  session:record("reload", nil, { message = message })
  session:begin()
  return true
end

return reload
