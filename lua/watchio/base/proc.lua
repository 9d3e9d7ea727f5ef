-- SPDX-License-Identifier: MIT
-- Whether there is a /proc to read.
local native = require "watchio.native"

local proc = {}

--- Why nothing can be read, or nil. Without /proc nothing would match, and nothing would say so.
---@return string? message
function proc.fault()
  if native.sees_processes() then return nil end
  return "no /proc is mounted here, and all is read from there (want mount -t proc proc /proc)"
end

return proc
