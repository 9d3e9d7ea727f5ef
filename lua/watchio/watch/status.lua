-- SPDX-License-Identifier: MIT
-- The status of a session: every target, its last activity, and how long until it is idle.
local units = require "watchio.base.units"
local status = {}

local SECOND = units.SECOND

local function target_status(session, watch, target)
  local now = session.monitor:target(target.id)
  if not now then return nil end
  local waits = now.judged == "quiet" or now.judged == "active"
  local left = watch.rule.idle_ns - now.idle_for_ns
  return {
    watch = watch.label,
    pid = target.pid,
    name = now.name,
    pids = now.pids,
    state = now.judged,
    moved = next(now.stirred) and now.stirred or nil,
    idle_for = now.idle_for_ns / SECOND,
    idle_in = waits and math.max(0, left) / SECOND or nil,
  }
end

local function targets_of(session)
  local list = {}
  for _, watch in ipairs(session.edition.watches:list()) do
    local before = #list
    for _, target in ipairs(watch:targets()) do
      list[#list + 1] = target_status(session, watch, target)
    end
    if #list == before then list[before + 1] = { watch = watch.label, pids = {} } end
  end
  return list
end

local function timers_of(session)
  local list = {}
  for index, timer in ipairs(session.edition.timers:list()) do
    list[index] = {
      timer = timer.verb,
      every = timer.ns / SECOND,
      first = (timer:next_ns() - session:now()) / SECOND,
    }
  end
  return list
end

---@class watchio.Status
---@field targets { watch: string, pid?: integer, name?: string, pids: integer[], state?: string,
---moved?: table<string, number>, idle_for?: number, idle_in?: number }[] in seconds; a watch
---without targets has a row of its own
---@field timers { timer: string, every: number, first: number }[]
---@field commands integer running
---@field kills integer under way
---@field failures integer of handlers
---@field late number seconds that the loop was behind at most
---@field lua integer bytes of Lua memory

--- The status now.
---@param session watchio.Session
---@return watchio.Status
function status.of(session)
  return {
    targets = targets_of(session),
    timers = timers_of(session),
    commands = #session:works "command",
    kills = #session:works "kill",
    failures = session.failures,
    late = session:lateness().most_ns / SECOND,
    lua = math.floor(collectgarbage "count" * 1024),
  }
end

return status
