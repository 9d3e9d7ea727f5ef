-- SPDX-License-Identifier: MIT
-- defaults { … }: keys for the watches that follow.
local schema = require "watchio.check.schema"

local defaults = {}

--- Sets keys that every later watch has where it does not give them itself; raises at the caller's
--- line when they are wrong. A later call adds to an earlier one.
---@param session watchio.Session
---@param options any
function defaults.set(session, options)
  schema.defaults(options)
  for key, value in pairs(options) do
    session.defaults[key] = value
  end
end

--- The options of a watch, with the defaults where it gives none.
---@param session watchio.Session
---@param options any
---@return any
function defaults.with(session, options)
  if type(options) ~= "table" or next(session.defaults) == nil then return options end
  local all = {}
  for key, value in pairs(session.defaults) do
    all[key] = value
  end
  for key, value in pairs(options) do
    all[key] = value
  end
  return all
end

return defaults
