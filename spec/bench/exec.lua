-- SPDX-License-Identifier: MIT
-- What `watchio exec` adds to a command: `make -j2` of watchio's own C, with and without it, in
-- turns, so that drift hits both alike. Ends with status 1 when the mark is missed.
local here = arg[0]:match("^(.*)/[^/]*$")
local build = here .. "/../../build/release"
package.path = here .. "/?.lua;" .. package.path
local uv = require "luv"
local process = require "process"

local MARK = 0.01 -- of the command's own time
local PAIRS = arg[1] == "--quick" and 2 or 7

local folder = assert(uv.fs_mkdtemp("/tmp/watchio-bench-XXXXXX"))
local WATCHIO = { build .. "/bin/watchio", "exec", "--idle", "10m", "--" }
local MAKE = { "make", "-C", folder, "-j2", "wio_engine", "wio_sys", "wio_core" }

-- Returns the CPU time of the process itself, as it was seen last.
local function run(argv)
  local it = process.start(argv)
  local own_ns = 0
  while not it.status do
    process.sleep(5)
    local ok, ns = pcall(process.cpu_ns, it)
    own_ns = ok and math.max(own_ns, ns) or own_ns
  end
  if it.status ~= 0 then
    error(table.concat(argv, " ") .. ": ended with status " .. it.status)
  end
  return own_ns / 1e9
end

-- Seconds of CPU time of all that was waited for.
local function used()
  local file <close> = assert(io.open("/proc/self/stat"))
  local fields = {}
  for word in file:read("a"):match(".*%) (.*)"):gmatch("%S+") do
    fields[#fields + 1] = word
  end
  return (tonumber(fields[14]) + tonumber(fields[15])) / 100
end

-- Builds once; returns the time that it took, the CPU time of all, and that of the first process.
local function measure(before)
  run { "make", "-C", folder, "clean" }
  local argv = table.move(MAKE, 1, #MAKE, #before + 1, { table.unpack(before) })
  local cpu, began = used(), uv.hrtime()
  local own = run(argv)
  return (uv.hrtime() - began) / 1e9, used() - cpu, own
end

local function median(values)
  table.sort(values)
  return values[#values // 2 + 1]
end

-- One pair: the ratios of time and CPU time, and watchio's own CPU time as a part of the command's.
local function compare(pair)
  local first = { measure(pair % 2 == 0 and WATCHIO or {}) }
  local second = { measure(pair % 2 == 0 and {} or WATCHIO) }
  local with, without = second, first
  if pair % 2 == 0 then
    with, without = first, second
  end
  return with[1] / without[1], with[2] / without[2], with[3] / without[2], without[1]
end

local function bench()
  run {
    "cmake",
    "-S",
    here .. "/../..",
    "-B",
    folder,
    "-DCMAKE_BUILD_TYPE=Release",
    "-G",
    "Unix Makefiles",
  }
  measure({}) -- the files are in memory from here on
  local walls, cpus, owns, seconds = {}, {}, {}, {}
  for pair = 1, PAIRS do
    walls[pair], cpus[pair], owns[pair], seconds[pair] = compare(pair)
  end
  local own = median(owns)
  print(
    ("watchio exec -- make -j2 (%.1fs), beside make -j2, medians of %d pairs"):format(
      median(seconds),
      PAIRS
    )
  )
  print(
    ("  time %+.2f %%, CPU time %+.2f %%"):format(
      (median(walls) - 1) * 100,
      (median(cpus) - 1) * 100
    )
  )
  print(
    ("  watchio's own CPU time %.2f %%  mark <= %g %%: %s"):format(
      own * 100,
      MARK * 100,
      own <= MARK and "met" or "MISSED"
    )
  )
  return own <= MARK and 0 or 1
end

local function end_all(status)
  process.abandon()
  os.execute("rm -rf " .. folder)
  os.exit(status)
end

for name, status in pairs { sigint = 130, sigterm = 143 } do
  uv.new_signal():start(name, function() end_all(status) end)
end

coroutine.wrap(function()
  io.stdout:setvbuf("line")
  local ok, message = xpcall(bench, debug.traceback)
  if not ok then io.stderr:write("bench: ", message, "\n") end
  end_all(ok and message or 1)
end)()
uv.run()
