-- SPDX-License-Identifier: MIT
-- Checks the values of while_active and while_idle.
local shape = require "watchio.check.shape"
local values = require "watchio.check.values"

local rounds_options = {}

local rounds_shape = {
  keys = { every = values.interval },
  list = values.action,
}

--- Checks the value of while_active or while_idle.
---@param value any
---@return { every_ns: integer, action: watchio.Action }?
---@return string? message
function rounds_options.check(value)
  local checked, message = shape.check(rounds_shape, value)
  if not checked then return nil, message end
  if not checked.every then return nil, 'every is missing (want e.g. every = "10m")' end
  if not checked.list then return nil, "there is no action" end
  return {
    every_ns = checked.every,
    action = #checked.list == 1 and checked.list[1] or checked.list,
  }
end

return rounds_options
