-- SPDX-License-Identifier: MIT
-- What watchio calls each workload under its default floors, at rest and driven, and which kinds of
-- activity tell: beside the watch with the defaults, one that counts a single kind.
local stage = require "stage"
local play = require "play"
local report = require "report"

local JUDGED_BY = { "all", "io", "net", "cpu" }

local POLICY = [[
for _, word in ipairs(args) do
  local pid, kind = word:match("^(%%d+):(%%a+)$")
  watch {
    pid = tonumber(pid), every = "1s", idle = "%ds", counts = kind ~= "all" and { kind } or nil,
    on_idle = function() print(pid, kind) io.stdout:flush() end,
    on_unreadable = function(_, event) print(pid, kind, event.message) io.stdout:flush() end,
  }
end
]]

-- Watches all subjects from now on; the function returned ends that, and returns what was called
-- idle and what could not be read, both by pid and kind.
local function watch_all(actors, idle)
  local argv = { stage.watchio, "run", "-q", "-e", POLICY:format(idle), talks = true }
  for _, actor in ipairs(actors) do
    for _, subject in ipairs(actor.self and actor.self.subjects or {}) do
      for _, kind in ipairs(JUDGED_BY) do
        argv[#argv + 1] = ("%d:%s"):format(subject.pid, kind)
      end
    end
  end
  local watchio = stage.enter("watchio"):run(argv)
  return function()
    if watchio.status then error("watchio ended with " .. watchio.status, 0) end
    watchio.handle:kill("sigterm")
    stage.await("the end of watchio", function() return watchio.status end)
    local idle_by, unreadable = {}, {}
    for pid, kind, message in watchio.out:gmatch("(%d+)\t(%a+)([^\n]*)\n") do
      local found = message == "" and idle_by or unreadable
      found[pid .. kind] = message == "" or message
    end
    return idle_by, unreadable
  end
end

-- What a kind told: "seen" when only the driven one kept it from idleness, "noise" when the one at
-- rest did too.
local function told(at_rest, driven)
  if not at_rest then return "noise" end
  return driven and "–" or "seen"
end

local function judge(actor, subject, rest, driven)
  local row = { name = subject.name, driven = actor.workload.step ~= nil, kinds = {} }
  row.idle_at_rest = rest[subject.pid .. "all"] or false
  row.idle_when_driven = row.driven and driven[subject.pid .. "all"] or false
  for i = 2, #JUDGED_BY do
    local key = subject.pid .. JUDGED_BY[i]
    row.kinds[i - 1] = told(rest[key], driven[key] or not row.driven)
  end
  return row
end

local function judge_all(actors, rest, driven)
  local rows = {}
  for _, actor in ipairs(actors) do
    if actor.missing or actor.failed then
      rows[#rows + 1] = { name = actor.name, missing = actor.missing, failed = actor.failed }
    else
      for _, subject in ipairs(actor.self.subjects) do
        rows[#rows + 1] = judge(actor, subject, rest, driven)
      end
    end
  end
  return rows
end

---@param workloads table[]
---@param plan table
---@return boolean whether no busy one was called idle
return function(workloads, plan)
  local actors = play.start(workloads)
  stage.sleep(plan.settle * 1000)
  local stop = watch_all(actors, plan.idle_after)
  stage.sleep(plan.idle * 1000)
  local rest, unreadable = stop()
  for key, message in pairs(unreadable) do
    print(key, message)
  end
  stop = watch_all(actors, plan.idle_after)
  play.drive(actors, plan.seconds, plan.steps)
  return report(judge_all(actors, rest, (stop())), plan)
end
