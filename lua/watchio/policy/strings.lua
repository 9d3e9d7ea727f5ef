-- SPDX-License-Identifier: MIT
-- The string library of a policy. It is Lua's, but its matches can be interrupted.
local native = require "watchio.native"
local tables = require "watchio.base.tables"

local strings = {}

local own = tables.merged(string, native.strings)

--- Makes the library. From now on the methods of strings come from it, too. All policies share it,
--- so that additions of one policy outlast a reload that fails.
---@return table
function strings.library()
  getmetatable("").__index = own
  return own
end

return strings
