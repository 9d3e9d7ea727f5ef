-- SPDX-License-Identifier: MIT
-- Advice for what is not permitted. Root has every permission, so root is told whose process it is.
local uv = require "luv"

local cure = {}

local ROOT <const> = 0

--- Whether advice to become root makes sense.
---@return boolean
function cure.helps() return uv.getuid() ~= ROOT end

local EVERYTHING = "run as their user or as root, or give watchio CAP_SYS_PTRACE and "
  .. "CAP_DAC_READ_SEARCH"

--- Why processes may not be inspected, with advice.
---@param reason string e.g. "Permission denied"
---@param pid integer? of one of them
---@return string
function cure.looking(reason, pid)
  if cure.helps() then return ("%s (%s)"):format(reason, EVERYTHING) end
  return pid and ("process %d: %s"):format(pid, reason) or reason
end

return cure
