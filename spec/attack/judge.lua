-- SPDX-License-Identifier: MIT
-- What was wrong in what a watcher reported, by what the hostile processes say they did.
local judge = {}

-- A step that ended that long before a report was there to be seen: a report is written a little
-- after the look it is of.
local LATE_NS = 100 * 1000000

-- A step within the quiet that a report claims, or all around it; nil when there is none.
local function contradiction(target, at, idle_ns)
  local from, to = at - idle_ns, at - LATE_NS
  for _, span in ipairs(target.spans) do
    local begun, ended = span.from > from, span.to ~= 0 and span.to < to
    if begun and ended or not begun and (span.to == 0 or span.to > to) then return span end
  end
end

local function describe(target, event, span, seed)
  return ("%s (pid %d, seed %d): %s at %.3f s, busy from %.3f to %.3f s"):format(
    target.shape,
    target.pid,
    seed,
    event.event,
    event.mono / 1e9,
    span.from / 1e9,
    span.to / 1e9
  )
end

local function by_pid(run)
  local targets = {}
  for _, target in pairs(run.targets) do
    targets[target.pid] = target
  end
  return targets
end

---Adds what one watcher got wrong to `tally`: `busy`, a list of lines, and `idle`, how often one
---was called idle.
function judge.idleness(run, watcher, idle_ns, seed, tally)
  local targets = by_pid(run)
  for _, event in ipairs(watcher.events) do
    local target = event.target and targets[event.target.pid]
    -- The KILL after the grace is for what the first signal was for.
    local decides = event.event == "idle" or (event.event == "kill" and event.signal ~= "KILL")
    if target and decides then
      event.mono = event.at - run.ahead
      local span = contradiction(target, event.mono, idle_ns)
      if span then tally.busy[#tally.busy + 1] = describe(target, event, span, seed) end
      if event.event == "idle" then tally.idle = tally.idle + 1 end
      if event.event == "kill" then target.meant = target.meant or event.mono end
    end
  end
end

---Adds the innocents that were hurt, and the targets that ended by a signal which was not reported.
function judge.ends(run, seed, tally)
  for _, hurt in ipairs(run.hurt) do
    tally.wrong[#tally.wrong + 1] = ("an innocent process (pid %s, seed %d) got signal %s"):format(
      hurt.pid,
      seed,
      hurt.signal
    )
  end
  for _, target in pairs(run.targets) do
    if target.signal and target.signal ~= 0 and not target.meant then
      local form = "%s (pid %d, seed %d) ended by signal %d without a report"
      tally.wrong[#tally.wrong + 1] = form:format(target.shape, target.pid, seed, target.signal)
    end
    if target.ended then tally.ended = tally.ended + 1 end
  end
end

return judge
