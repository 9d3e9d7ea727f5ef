-- SPDX-License-Identifier: MIT
-- scripts/truth: see there.
local here = arg[0]:match("^(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path
local uv = require "luv"
local stage = require "stage"

local preset = os.getenv("WATCHIO_PRESET") or "release"
local build = assert(uv.fs_realpath(here .. "/../../build/" .. preset))
stage.programs, stage.watchio = build .. "/truth", build .. "/bin/watchio"

-- Seconds: from the last start to the first look; at rest; of quiet until idle; between two steps.
local FULL = { settle = 10, idle = 45, idle_after = 20, seconds = 5, steps = 8 }
local QUICK = { settle = 1, idle = 5, idle_after = 3, seconds = 1, steps = 6, ci = true }

local function chosen(names, ci)
  local workloads, found = require "workloads", {}
  if #names == 0 then
    for _, workload in ipairs(workloads) do
      if workload.ci or not ci then found[#found + 1] = workload end
    end
  end
  for _, name in ipairs(names) do
    local before = #found
    for _, workload in ipairs(workloads) do
      if workload.name:lower():find(name:lower(), 1, true) then found[#found + 1] = workload end
    end
    if #found == before then
      io.stderr:write(("truth: no workload has '%s' in its name\n"):format(name))
      os.exit(2)
    end
  end
  return found
end

local USAGE = "usage: scripts/truth [--quick | --measure] [NAME...]"

-- What plays, how long, and whom, from the command line.
local function parse(words)
  local mode, plan, names = "verdict", FULL, {}
  for _, word in ipairs(words) do
    if word == "--measure" then
      mode = "measure"
    elseif word == "--quick" then
      plan = QUICK
    elseif word:sub(1, 1) == "-" then
      io.stderr:write(USAGE, "\n")
      os.exit(2)
    else
      names[#names + 1] = word
    end
  end
  if #names == 0 and plan == FULL then plan.page = here .. "/../../docs/truth.md" end
  return mode, plan, chosen(names, plan.ci)
end

local mode, plan, workloads = parse(arg)

local status
local function leave(code)
  if status then return end
  status = code
  coroutine.wrap(function()
    stage.leave()
    os.exit(status)
  end)()
end

for _, signal in ipairs { "sigint", "sigterm", "sighup" } do
  local handle = uv.new_signal()
  handle:start(signal, function() leave(130) end)
end

coroutine.wrap(function()
  local ok, result = xpcall(require(mode), debug.traceback, workloads, plan)
  if not ok then io.stderr:write(tostring(result), "\n") end
  leave(ok and result and 0 or 1)
end)()
uv.run()
