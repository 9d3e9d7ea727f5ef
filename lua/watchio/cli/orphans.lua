-- SPDX-License-Identifier: MIT
-- For watchio as the first process of a container. A process that loses its parent becomes its
-- child, and stays a zombie unless watchio waits for it.
local uv = require "luv"
local handles = require "watchio.watch.handles"
local native = require "watchio.native"
local units = require "watchio.base.units"

local orphans = {}

local AGAIN = 50 * units.MILLISECOND -- luv has still to wait for one of its own

-- The processes that luv waits for.
local function own_pids(session)
  local pids = {}
  for _, command in ipairs(session:works "command") do
    pids[#pids + 1] = command.group and command.group.pid
  end
  for handle in pairs(handles.of(session.edition)) do
    local ok, pid = pcall(uv.process_get_pid, handle)
    if ok and pid then pids[#pids + 1] = pid end
  end
  return pids
end

--- Makes the handler of SIGCHLD that waits for orphans; nil if watchio is not the first process.
---@param session watchio.Session
---@return fun()?
function orphans.taker(session)
  if uv.os_getpid() ~= 1 then return nil end
  local function reap()
    if not session.closed and native.reap_others(own_pids(session)) then
      session:alarm(AGAIN, reap)
    end
  end
  return reap
end

return orphans
