-- SPDX-License-Identifier: MIT
-- The string library of a policy: Lua's, but for matches, which can be stopped.
local native = require "watchio.native"
local tables = require "watchio.base.tables"

local strings = {}

local own = tables.merged(string, native.strings)

--- The library; from now on strings have their methods from it, too. It is the same for all
--- policies, so that what one adds to it outlasts a reload that fails.
---@return table
function strings.library()
  getmetatable("").__index = own
  return own
end

return strings
