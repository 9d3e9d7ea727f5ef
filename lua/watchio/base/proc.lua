-- SPDX-License-Identifier: MIT
-- Whether there is a /proc to read.
local native = require "watchio.native"

local proc = {}

--- Why nothing can be read, if so: without /proc nothing would match, and nobody be told.
---@return string? message
function proc.fault()
  if native.sees_processes() then return nil end
  return "no /proc is mounted here, and all is read from there (want mount -t proc proc /proc)"
end

return proc
