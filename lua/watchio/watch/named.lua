-- SPDX-License-Identifier: MIT
-- A pid in a policy names the process that had it when the policy first named it. A process that
-- gets the number later is another process, even after a reload of the policy.
local kept = require "watchio.base.kept"

local named = {}

local starts_of = kept(function() return {} end) -- session → pid → the process's start when named

-- The start of the process that has a pid; false when there is none, or it has ended.
local function start_of(session, pid)
  local process = session.monitor:describe(pid)
  return process and not process.ended and process.start_ticks or false
end

-- Whether the process with a pid is the one that was named at first. Handlers of a policy name the
-- process that has the pid at that moment.
local function is_same(session, pid)
  if not session.loading then return true end
  local start = start_of(session, pid)
  local starts = starts_of(session)
  if starts[pid] == nil then starts[pid] = start end
  return start == false or start == starts[pid]
end

--- A selector without the pids that now belong to other processes.
---@param session watchio.Session
---@param selector watchio.native.Selector
---@return watchio.native.Selector? nil when nobody is left that it names
---@return integer[] others the pids that other processes have
function named.same(session, selector)
  local same, others = {}, {}
  for _, pid in ipairs(selector.pids or {}) do
    local list = is_same(session, pid) and same or others
    list[#list + 1] = pid
  end
  if #others == 0 then return selector, others end
  local left = {}
  for key, value in pairs(selector) do
    left[key] = value
  end
  left.pids = same
  return #same > 0 and left or nil, others
end

return named
