-- SPDX-License-Identifier: MIT
-- State that a module keeps for an owner: a session, an edition of a policy, a watch or a target.
-- No other module sees it, and it goes with its owner.

--- Makes a function that returns the state of an owner. `make` makes it at the first call.
---@generic State
---@param make fun(owner: table): State
---@return fun(owner: table): State
local function kept(make)
  local states = setmetatable({}, { __mode = "k" })
  return function(owner)
    local state = states[owner]
    if state == nil then
      state = make(owner)
      states[owner] = state
    end
    return state
  end
end

return kept
