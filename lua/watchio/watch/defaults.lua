-- SPDX-License-Identifier: MIT
-- defaults { … }: keys for the watches that follow.
local kept = require "watchio.base.kept"
local schema = require "watchio.check.schema"
local tables = require "watchio.base.tables"

local defaults = {}

local keys_of = kept(function() return {} end) -- edition → what its watches have

--- Sets keys for every later watch that does not give them itself. Wrong keys raise an error at the
--- caller's line. A later call adds to an earlier one.
---@param session watchio.Session
---@param options any
function defaults.set(session, options)
  schema.defaults(options)
  local keys = keys_of(session.edition)
  for key, value in pairs(options) do
    keys[key] = value
  end
end

--- The options of a watch, completed by the defaults.
---@param session watchio.Session
---@param options any
---@return any
function defaults.with(session, options)
  local keys = keys_of(session.edition)
  if type(options) ~= "table" or next(keys) == nil then return options end
  return tables.merged(keys, options)
end

return defaults
