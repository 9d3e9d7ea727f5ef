-- SPDX-License-Identifier: MIT
-- scripts/truth --measure: what each kind shows of each workload, from the outside: the most within
-- a second while it rests, and the least among its steps of the most within a second of that step.
-- A floor that tells the two apart lies between.
local uv = require "luv"
local stage = require "stage"
local play = require "play"

local FIELDS = {
  "rchar",
  "wchar",
  "syscr",
  "syscw",
  "read_bytes",
  "write_bytes",
  "net",
  "cpu",
  "switches",
}

-- The columns of the table, each from the fields of one second.
local COLUMNS = {
  { "io B", function(s) return s.rchar + s.wchar end },
  { "wchar", function(s) return s.wchar end },
  { "disk B", function(s) return s.read_bytes + s.write_bytes end },
  { "syscr", function(s) return s.syscr end },
  { "syscw", function(s) return s.syscw end },
  { "net B", function(s) return s.net end },
  { "cpu us", function(s) return s.cpu / 1000 end },
  { "switches", function(s) return s.switches end },
}

local function parse(line)
  local numbers = {}
  for number in line:gmatch("%d+") do
    numbers[#numbers + 1] = tonumber(number)
  end
  local sample = { time = numbers[1], pid = numbers[2] }
  for i, field in ipairs(FIELDS) do
    sample[field] = numbers[i + 2]
  end
  return sample
end

-- Starts the sampler; what it says is gathered by pid.
local function sample_all(actors)
  local argv, by_pid = { stage.programs .. "/sampler", talks = true }, {}
  for _, actor in ipairs(actors) do
    for _, subject in ipairs(actor.self and actor.self.subjects or {}) do
      argv[#argv + 1] = subject.pid
      by_pid[subject.pid] = {}
    end
  end
  local sampler = stage.enter("sampler"):run(argv)
  return function()
    for line in sampler.out:gmatch("[^\n]+\n") do
      local sample = parse(line)
      table.insert(by_pid[sample.pid], sample)
    end
    return by_pid
  end
end

local function most(samples, from, to, figure)
  local value = 0
  for _, sample in ipairs(samples) do
    if sample.time > from and sample.time <= to then value = math.max(value, figure(sample)) end
  end
  return value
end

-- The least over the steps of the most within a second of the step; the sample that holds the
-- step's beginning ends up to a second after it.
local function least_step(samples, steps, seconds, figure)
  local value = math.huge
  for _, began in ipairs(steps) do
    value = math.min(value, most(samples, began, began + seconds * 1000000000, figure))
  end
  return value
end

local function amount(value)
  if value == math.huge then return "-" end
  local fraction = value < 10 and value ~= math.floor(value)
  return (fraction and "%.1f" or "%.0f"):format(value)
end

local function print_row(name, cells)
  for i, cell in ipairs(cells) do
    cells[i] = ("%9s"):format(cell)
  end
  print(("%-40s"):format(name) .. table.concat(cells, " "))
end

local function print_actor(actor, by_pid, from, to, seconds)
  if actor.missing then return print(("%-40s %s"):format(actor.name, actor.missing)) end
  if actor.failed then print(("%-40s FAILED: %s"):format(actor.name, actor.failed)) end
  for _, subject in ipairs(actor.self.subjects) do
    local idle, busy, mean = {}, {}, {}
    local samples = by_pid[subject.pid]
    for i, column in ipairs(COLUMNS) do
      idle[i] = amount(most(samples, from, to, column[2]))
      busy[i] = amount(least_step(samples, actor.steps, seconds, column[2]))
      local sum, count = 0, 0
      for _, sample in ipairs(samples) do
        if sample.time > from and sample.time <= to then
          sum, count = sum + column[2](sample), count + 1
        end
      end
      mean[i] = amount(sum / math.max(count, 1))
    end
    print_row(subject.name .. ", idle", idle)
    print_row("   mean", mean)
    if actor.workload.step then print_row("   driven", busy) end
  end
end

---@param workloads table[]
---@param plan { settle: integer, idle: integer, steps: integer, seconds: integer }
return function(workloads, plan)
  local actors = play.start(workloads)
  stage.sleep(plan.settle * 1000)
  local gather = sample_all(actors)
  stage.sleep(1500)
  local from = uv.hrtime()
  stage.sleep(plan.idle * 1000)
  local to = uv.hrtime()
  play.drive(actors, plan.seconds, plan.steps)
  local by_pid = gather()
  local head = {}
  for i, column in ipairs(COLUMNS) do
    head[i] = column[1]
  end
  print_row("a second at most; a step at least", head)
  for _, actor in ipairs(actors) do
    print_actor(actor, by_pid, from, to, plan.seconds)
  end
  return true
end
