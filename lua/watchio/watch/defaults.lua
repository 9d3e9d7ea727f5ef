-- SPDX-License-Identifier: MIT
-- defaults { … }: keys for the watches that follow.
local kept = require "watchio.base.kept"
local schema = require "watchio.check.schema"
local tables = require "watchio.base.tables"

local defaults = {}

local keys_of = kept(function() return {} end) -- edition → what its watches have

--- Sets keys that every later watch has where it does not give them itself; raises at the caller's
--- line when they are wrong. A later call adds to an earlier one.
---@param session watchio.Session
---@param options any
function defaults.set(session, options)
  schema.defaults(options)
  local keys = keys_of(session.edition)
  for key, value in pairs(options) do
    keys[key] = value
  end
end

--- The options of a watch, with the defaults where it gives none.
---@param session watchio.Session
---@param options any
---@return any
function defaults.with(session, options)
  local keys = keys_of(session.edition)
  if type(options) ~= "table" or next(keys) == nil then return options end
  return tables.merged(keys, options)
end

return defaults
