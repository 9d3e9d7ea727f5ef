-- SPDX-License-Identifier: MIT
-- The play of scripts/truth: all workloads come on stage, rest, and are then driven, one small step
-- every few seconds each.
local uv = require "luv"
local stage = require "stage"

local play = {}

local AT_ONCE = 2 -- how many start at the same time

---@class truth.Actor a workload on stage
---@field workload table its entry
---@field name string
---@field missing? string why it is not played
---@field self truth.Stage
---@field steps integer[] when each step began (ns)
---@field failed? string what its start or a step raised

local function obstacle(workload)
  for _, program in ipairs(workload.needs) do
    if not stage.find(program) then return "not installed (" .. program .. ")" end
  end
  if workload.root and not stage.is_root then return "needs root" end
end

local function begin(actor)
  actor.self = stage.enter(actor.name)
  setmetatable(actor.self, {
    __index = function(_, key) return key == "step" and actor.workload.step or stage.Stage[key] end,
  })
  local ok, err = xpcall(actor.workload.start, debug.traceback, actor.self)
  if not ok then actor.failed = tostring(err) end
end

---Starts them, a few at a time, and returns once each is ready or has failed.
---@param workloads table[]
---@return truth.Actor[]
function play.start(workloads)
  local actors, waiting, running = {}, {}, 0
  for i, workload in ipairs(workloads) do
    actors[i] = { workload = workload, name = workload.name, steps = {} }
    actors[i].missing = obstacle(workload)
    if not actors[i].missing then waiting[#waiting + 1] = actors[i] end
  end
  for _ = 1, AT_ONCE do
    running = running + 1
    coroutine.wrap(function()
      while waiting[1] do
        begin(table.remove(waiting, 1))
      end
      running = running - 1
    end)()
  end
  stage.await("all workloads", function() return running == 0 end, 300)
  return actors
end

local function drive_one(actor, began, period, steps)
  for step = 0, steps - 1 do
    local due = began + step * period
    stage.sleep(math.max(0, (due - uv.hrtime()) // 1000000))
    actor.steps[#actor.steps + 1] = uv.hrtime()
    local ok, err = pcall(actor.workload.step, actor.self)
    if not ok then
      actor.failed = tostring(err)
      return
    end
  end
end

---Drives them all, each with its own offset within the period; returns after the last period.
---@param actors truth.Actor[]
---@param seconds integer between two steps
---@param steps integer
function play.drive(actors, seconds, steps)
  local period, driven = seconds * 1000000000, {}
  for _, actor in ipairs(actors) do
    if actor.self and not actor.failed and actor.workload.step then
      driven[#driven + 1] = actor
    end
  end
  local began = uv.hrtime()
  for i, actor in ipairs(driven) do
    coroutine.wrap(drive_one)(actor, began + (i - 1) * period // #driven, period, steps)
  end
  stage.sleep((steps + 1) * seconds * 1000)
end

return play
