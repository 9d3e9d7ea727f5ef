-- SPDX-License-Identifier: MIT
-- CPU time of one watch by name on a machine of many processes: while nothing is born, and while
-- thousands are elsewhere. Ends with status 1 when a mark is missed. The kernel tells of births in
-- its first pid namespace only, so scripts/bench runs this there and in another one.
local here = arg[0]:match("^(.*)/[^/]*$")
local build = here .. "/../../build/release"
package.path = here .. "/?.lua;" .. package.path
package.cpath = build .. "/lib/lua/5.4/?.so;" .. package.cpath
local uv = require "luv"
local native = require "watchio.native"
local process = require "process"

local QUIET_MARK, STORM_MARK = 0.1, 3 -- % of a core
local RATE = 2000 -- births a second
local POLICY = 'watch { "nobody-has-this-name", every = "1s", idle = "1h" }'

local full, quick = { count = 10000, seconds = 15 }, { count = 1000, seconds = 5 }
local plan = arg[1] == "--quick" and quick or full
local list = os.tmpname()
local missed = 0

local function how_births_are_found()
  local monitor = native.monitor {}
  monitor:watch { names = { "nobody-has-this-name" }, every_ns = 1000000000 }
  monitor:tick(1)
  local how = monitor:stats().births
  monitor:close()
  return how
end

local function newest_pid()
  local file <close> = assert(io.open("/proc/loadavg"))
  return tonumber(file:read("a"):match("(%d+)%s*$"))
end

-- % of a core that it uses over some seconds.
local function measure(it)
  local before, began = process.cpu_ns(it), uv.hrtime()
  process.sleep(plan.seconds * 1000)
  return (process.cpu_ns(it) - before) / (uv.hrtime() - began) * 100
end

local function row(what, percent, mark, note)
  local met = percent <= mark
  if not met then missed = missed + 1 end
  local verdict = ("mark <= %g %%: %s"):format(mark, met and "met" or "MISSED")
  print(("%7d %-44s %7.3f %%  %s  %s"):format(plan.count, what, percent, verdict, note))
end

-- Only where nothing is born can be told what that costs.
local function quiet_row(what, percent, born)
  if born < 1 then return row(what, percent, QUIET_MARK, "") end
  local note = "no verdict: %.0f births a second here"
  print(("%7d %-44s %7.3f %%  " .. note):format(plan.count, what, percent, born))
end

local function bench()
  local how = how_births_are_found()
  local name = "wio-" .. uv.os_getpid()
  local crowd =
    process.start { build .. "/bench/crowd", name, tostring(plan.count), "quiet", list }
  process.await(crowd, "ready", 1)
  local watchio = process.start { build .. "/bin/watchio", "run", "-q", "-e", POLICY }
  process.sleep(3000) -- its first look
  local newest = newest_pid()
  local quiet = measure(watchio)
  local born = (newest_pid() - newest) / plan.seconds
  quiet_row(how .. ": one watch by name, nothing born", quiet, born)
  for _, kind in ipairs { "fork", "exec" } do
    local storm = process.start { build .. "/bench/storm", kind, tostring(RATE) }
    process.sleep(1000)
    local percent = measure(watchio)
    process.stop(storm, true)
    row(
      ("%s: births elsewhere, by %s"):format(how, kind),
      percent,
      STORM_MARK,
      ("(%d a second)"):format(tonumber(storm.output))
    )
  end
  process.stop(watchio)
  process.stop(crowd, true)
end

local function end_all(status)
  process.abandon()
  os.remove(list)
  os.exit(status)
end

for name, status in pairs { sigint = 130, sigterm = 143 } do
  uv.new_signal():start(name, function() end_all(status) end)
end

coroutine.wrap(function()
  io.stdout:setvbuf("line")
  local ok, message = xpcall(bench, debug.traceback)
  if not ok then io.stderr:write("bench: ", message, "\n") end
  end_all((ok and missed == 0) and 0 or 1)
end)()
uv.run()
