-- SPDX-License-Identifier: MIT
-- Converts start times: the kernel counts from its boot, people count from the epoch.
local uv = require "luv"

local clock = {}

local TICKS = 100 -- a second; the unit of start times is fixed for programs (USER_HZ)

local function boot_time()
  local seconds, microseconds = uv.gettimeofday()
  return seconds + microseconds / 1e6 - uv.uptime()
end

--- When a process started.
---@param start_ticks integer
---@return integer seconds since the epoch
function clock.started(start_ticks) return math.floor(boot_time() + start_ticks / TICKS) end

return clock
