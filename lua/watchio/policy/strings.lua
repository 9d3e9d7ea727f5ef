-- SPDX-License-Identifier: MIT
-- The string library of a policy: Lua's, but for matches, which can be stopped.
local native = require "watchio.native"

local strings = {}

local own = {}
for name, value in pairs(string) do
  own[name] = value
end
for name, match in pairs(native.strings) do
  own[name] = match
end

--- The library; from now on strings have their methods from it, too. It is the same for all
--- policies, so that what one adds to it outlasts a reload that fails.
---@return table
function strings.library()
  getmetatable("").__index = own
  return own
end

return strings
