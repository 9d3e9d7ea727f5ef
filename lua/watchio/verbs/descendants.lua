-- SPDX-License-Identifier: MIT
-- A target that is no tree is judged without the processes that it has started, so it can be idle
-- while a child does its work. Before a kill this module finds out whether those processes are
-- idle, too.
local format = require "watchio.base.format"
local task = require "watchio.tasks.task"
local units = require "watchio.base.units"

local descendants = {}

local SECOND = units.SECOND

-- "make[4711], which it has started, is active"
local function explain(process, what)
  return ("%s[%d], which it has started, %s"):format(process.name, process.pid, what)
end

-- The knowledge of the target's own watch: pid → the state, for processes that are judged alone, or
-- are idle with others.
local function states_of(session, watch)
  local states = {}
  for _, id in ipairs(session.monitor:targets(watch)) do
    local pids, state = session.monitor:pids(id), session.monitor:state(id)
    for _, pid in ipairs(pids) do
      if #pids == 1 or state == "idle" then states[pid] = state end
    end
  end
  return states
end

-- The descendants of which nothing is known yet; the reason if one is active. `quiet` has the idle
-- ones: pid → start time.
local function ask(session, id, watch, quiet)
  local pids, message, code = session.monitor:descendants(id)
  if not pids and code ~= "ESRCH" then
    return "what it has started is not known: " .. message
  end
  pids = pids or {}
  local states, unknown = pids[1] and states_of(session, watch) or {}, {}
  for _, pid in ipairs(pids) do
    local process = session.monitor:describe(pid)
    if process and states[pid] == "active" then return explain(process, "is active") end
    local is_quiet = not process or states[pid] == "idle" or quiet[pid] == process.start_ticks
    if not is_quiet then unknown[#unknown + 1] = process end
  end
  return nil, unknown
end

-- The meaning of an event of a descendant that is watched: why the target is spared, or that the
-- descendant is idle.
local function verdict_of(event)
  if event.type == "active" then return explain(event, "is active") end
  if event.type == "unreadable" then return explain(event, "cannot be read") end
  return nil, event.type == "idle" or event.type == "exit" or event.type == "missing"
end

-- Watches descendants until each was quiet for `idle_ns` or has ended. Returns the reason if one
-- was not quiet.
local function await_quiet(session, rule, processes, idle_ns)
  local pids, left, id = {}, #processes, nil
  for index, process in ipairs(processes) do
    pids[index] = process.pid
  end
  local options = {
    pids = pids,
    per = "process",
    every_ns = rule.every_ns,
    idle_ns = idle_ns,
    counts = rule.counts,
    floor = rule.floor.hidden,
    floor_if_shown = rule.floor.shown,
  }
  local reason = task.await(function(resume)
    local function take(event)
      local why, is_done = verdict_of(event)
      if is_done then left = left - 1 end
      if why or left == 0 then resume(why) end
    end
    id = assert(session.observers:add(options, { take = take }))
  end)
  session.observers:remove(id)
  return reason
end

-- How long descendants must be quiet: as long as the target was, if that is why it is ended.
local function time_for(target, rule)
  return target.state == "idle" and rule.idle_ns or rule.every_ns
end

local function tell(session, target, processes, idle_ns)
  local text = "ended once %s[%d], which it has started, has been idle for %s, too"
  local first, span = processes[1], format.span(idle_ns / SECOND)
  session:record("log", target, { message = text:format(first.name, first.pid, span) })
end

--- Why a target must not be ended now, or nil: a process that it has started, and that is not part
--- of it, is active or unknown. Processes of which nothing is known yet are watched first.
---@param session watchio.Session
---@param target watchio.Target
---@return string? reason
---@return boolean waited time has passed
function descendants.busy(session, target)
  local snapshot, quiet, waited = session.monitor:target(target.id), {}, false
  local observer = snapshot and session.observers:of(snapshot.watch)
  local rule = observer and observer.watch and observer.watch.rule
  if not rule or not rule.per or rule.per == "tree" then return nil, false end
  local idle_ns = time_for(target, rule)
  while true do
    local reason, unknown = ask(session, target.id, snapshot.watch, quiet)
    if reason or not unknown[1] then return reason, waited end
    if not waited and idle_ns > rule.every_ns then tell(session, target, unknown, idle_ns) end
    reason, waited = await_quiet(session, rule, unknown, idle_ns), true
    if reason or session.finishing then return reason, true end
    for _, process in ipairs(unknown) do
      quiet[process.pid] = process.start_ticks
    end
  end
end

return descendants
