-- Actions: what a function, a string or a list in a policy does.
local run = require "watchio.run"

local action = {}

-- Runs the actions in order, each after the one before has finished. One that fails or is skipped
-- (returns false) ends the list: a kill must not follow a save that failed.
local function in_order(actions)
  return function(target, event)
    for _, step in ipairs(actions) do
      local done, reason = step(target, event)
      if done == false then return false, reason end
    end
    return true
  end
end

--- Makes an action of what a policy gives: a function is one, a string is short for `run`, a
--- list runs in order.
---@param session watchio.Session
---@param value watchio.Action checked by the schema already
---@return fun(target: watchio.Target?, event: watchio.Event): boolean?, string?
function action.new(session, value)
  if type(value) == "function" then return value end
  if type(value) == "string" then return run.new(session, value) end
  local actions = {}
  for index, step in ipairs(value) do actions[index] = action.new(session, step) end
  return in_order(actions)
end

return action
