-- SPDX-License-Identifier: MIT
-- CPU time of one pass over N processes with a second between passes: a bare loop of reads,
-- watchio, and other tools. All are measured from outside, by the CPU time that their process used;
-- the bare loop and watchio run at the same time, half a second apart, so that drift hits both
-- alike. Ends with status 1 when a mark is missed.
local here = arg[0]:match("^(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path
local uv = require "luv"
local process = require "process"

local build = here .. "/../../build/release"
local watchio = build .. "/bin/watchio"
local SECOND = 1000000000
local MARKED_FROM = 1000 -- a pass over fewer costs too little to compare
local START_MARK_MS, RESIDENT_MARK_KB = 10, 6 * 1024
-- What counting the bytes of sockets may cost: ns a call of anybody's, and of a watched process's.
local UNWATCHED_MARK_NS, WATCHED_MARK_NS = 60, 120
local TRACER_MARK_MS, TRACER_MARK_KB = 60, 12 * 1024
local TOP_MARK_MS = 50 -- a second, of 10 000 processes

local QUIET_TICKS, STARTS = 20, 20

local full = { sizes = { 10, 1000, 10000 }, passes = 15, peer_passes = 3 }
local quick = { sizes = { 1000 }, passes = 11 }

local LIST = os.tmpname() -- the pids of the crowd
local CROWD = "wio-" .. uv.os_getpid()

-- What is watched of each process, and the mark for watchio's pass against the bare one. The bare
-- loop reads io alone.
local all_kinds = { name = "watchio, io net cpu", counts = '"io", "net", "cpu"', mark = 0.60 }
local measured = {
  quiet = { { name = "watchio, io", counts = '"io"', mark = 0.50 }, all_kinds },
  busy = {
    { name = "watchio, io", counts = '"io"', mark = 1.15 },
    { name = "watchio, cpu", counts = '"cpu"' },
    { name = "watchio, net", counts = '"net"' },
    { name = all_kinds.name, counts = all_kinds.counts },
  },
}

local function policy(counts)
  return ('watch { "%s", every = "1s", idle = "1h", counts = { %s } }'):format(CROWD, counts)
end

local PYTHON = "/usr/bin/python3" -- the distribution's, which has the distribution's psutil

local PSUTIL_LOOP = [[
import psutil, sys, time
processes = [psutil.Process(int(pid)) for pid in open(sys.argv[1])]
while True:
  for process in processes: process.io_counters()
  print("pass", flush=True)
  time.sleep(1)
]]

-- `mark` is what each pass prints once.
local peers = {
  {
    name = "pidstat -d 1",
    test = "command -v pidstat",
    mark = "UID +PID",
    argv = { "stdbuf", "-oL", "pidstat", "-d", "1" },
  },
  {
    name = "iotop-c -b",
    test = "command -v iotop-c",
    mark = "Total DISK READ",
    argv = { "stdbuf", "-oL", "iotop-c", "-b", "-d", "1" },
  },
  {
    name = "psutil",
    test = PYTHON .. " -c 'import psutil'",
    mark = "pass",
    argv = { PYTHON, "-c", PSUTIL_LOOP },
  },
}

local missed = 0

local function verdict(value, mark, text)
  if not mark then return "" end
  local met = value <= mark
  if not met then missed = missed + 1 end
  return ("mark <= %s: %s"):format(text or ("%.2f"):format(mark), met and "met" or "MISSED")
end

local function row(crowd, who, ms, bare_ms, mark)
  local ratio = ms / bare_ms
  local line = ("%7d %-6s %-26s %10.3f %8.2f  "):format(crowd.count, crowd.kind, who, ms, ratio)
  print(((line .. verdict(ratio, mark)):gsub(" +$", "")))
end

local function sleep_until(ns) process.sleep(math.max(0, (ns - uv.hrtime()) // 1000000)) end

-- The moment at which a process that rests most of the time has just begun to work.
local function await_work(it)
  local before = process.cpu_ns(it)
  repeat
    process.sleep(5)
  until process.cpu_ns(it) ~= before
  return uv.hrtime()
end

local function median(values)
  table.sort(values)
  return values[#values // 2 + 1]
end

-- CPU ms a pass of each: the median over as many seconds as passes, since whatever else runs on the
-- machine makes some of them dear. Any whole second holds one pass of each.
local function measure(all, passes)
  local began, marks, ms = uv.hrtime(), {}, {}
  for pass = 0, passes do
    sleep_until(began + pass * SECOND)
    marks[pass] = {}
    for i, it in ipairs(all) do
      marks[pass][i] = process.cpu_ns(it)
    end
  end
  for i in ipairs(all) do
    local spent = {}
    for pass = 1, passes do
      spent[pass] = (marks[pass][i] - marks[pass - 1][i]) / 1e6
    end
    ms[i] = median(spent)
  end
  return ms
end

local function median_of_last(count, output)
  local all = {}
  for ns in output:gmatch("(%d+)\n") do
    all[#all + 1] = tonumber(ns) / 1e6
  end
  return median(table.move(all, #all - count + 1, #all, 1, {}))
end

local function newest_pid()
  local file <close> = assert(io.open("/proc/loadavg"))
  return tonumber(file:read("a"):match("(%d+)%s*$"))
end

local function compare_with_bare(crowd, what, passes)
  local ours = process.start { watchio, "run", "-q", "-e", policy(what.counts) }
  process.sleep(3000) -- its start-up: finding, opening, the first readings
  local at = await_work(ours) + 2 * SECOND + SECOND // 2
  local bare = process.start { build .. "/bench/bare", LIST, tostring(at) }
  sleep_until(at + SECOND + SECOND // 4) -- the first pass is not counted; now both rest
  local newest = newest_pid()
  local ms = measure({ bare, ours }, passes)
  local born = newest_pid() - newest
  row(crowd, "bare", ms[1], ms[1])
  row(crowd, "bare, by its own clock", median_of_last(passes, bare.output), ms[1])
  row(crowd, what.name, ms[2], ms[1], crowd.count >= MARKED_FROM and what.mark)
  if born ~= 0 then
    print(("        not a quiet machine: %d pids were given out"):format(born))
  end
  process.stop(ours)
  process.stop(bare)
  return ms[1]
end

local function show_quiet_ticks(crowd, ticks, bare_ms)
  local watching = policy(all_kinds.counts)
  local run = process.start { build .. "/bench/quiet_tick", watching, "1000", tostring(ticks) }
  while not run.status do
    process.sleep(50)
  end
  local ns = tonumber(run.output:match("cpu_ns=(%d+)"))
  if ns then row(crowd, "watchio, by its own clock", ns / 1e6, bare_ms) end
  print("        " .. run.output:gsub("\n$", "") .. "  " .. verdict(run.status, 0, "0"))
  process.stop(run, true)
end

-- The first child of a process.
local function child_of(pid)
  local file <close> = io.open(("/proc/%d/task/%d/children"):format(pid, pid))
  return file and file:read("n")
end

-- What the live view costs, on a terminal that `script` makes.
local function show_top(crowd, passes)
  if not os.execute("command -v script >/dev/null 2>&1") then return end
  local command = "exec " .. watchio .. " top"
  local on = process.start { "env", "TERM=xterm", "script", "-qfec", command, "/dev/null" }
  process.sleep(4000 + crowd.count // 2) -- its start-up
  local top = { pid = child_of(on.pid), command = command }
  local before = process.cpu_ns(top)
  process.sleep(passes * 1000)
  local ms = (process.cpu_ns(top) - before) / passes / 1e6
  print(
    ("%7d %-6s %-26s %10.3f           %s"):format(
      crowd.count,
      crowd.kind,
      "watchio top",
      ms,
      verdict(ms, TOP_MARK_MS, "50 ms")
    )
  )
  uv.kill(top.pid, "sigterm") -- `script` goes on as long as what it runs
  process.stop(on, true)
end

local function compare_peer(crowd, peer, passes, bare_ms)
  if not os.execute(peer.test .. " >/dev/null 2>&1") then
    local line = "%7d %-6s %-26s not installed"
    return print(line:format(crowd.count, crowd.kind, peer.name))
  end
  local argv = { table.unpack(peer.argv) }
  if peer.argv[1] == PYTHON then argv[#argv + 1] = LIST end
  local it = process.start(argv)
  process.await(it, peer.mark, 2)
  local before = process.cpu_ns(it)
  process.await(it, peer.mark, 2 + passes)
  row(crowd, peer.name, (process.cpu_ns(it) - before) / passes / 1e6, bare_ms)
  process.stop(it)
end

local function bench_crowd(count, kind, plan)
  local crowd = { count = count, kind = kind }
  local source = process.start { build .. "/bench/crowd", CROWD, tostring(count), kind, LIST }
  process.await(source, "ready", 1)
  local bare_ms
  for _, what in ipairs(measured[kind]) do
    bare_ms = compare_with_bare(crowd, what, plan.passes)
  end
  if kind == "quiet" then
    show_quiet_ticks(crowd, QUIET_TICKS, bare_ms)
    show_top(crowd, plan.passes)
  end
  for _, peer in ipairs(plan.peer_passes and peers or {}) do
    compare_peer(crowd, peer, plan.peer_passes, bare_ms)
  end
  process.stop(source, true)
end

-- `watchio poll` of a sleeping process, seen by the launcher.
local function bench_start(starts)
  local target = process.start { "sleep", "600" }
  local command = {
    build .. "/bench/startup",
    build .. "/bench/first_reading.so",
    watchio,
    "poll",
    tostring(target.pid),
  }
  local read_ms, resident_kb = {}, {}
  for i = 1, starts do
    local run = process.start(command)
    while not run.status do
      process.sleep(5)
    end
    local ns, kb = run.output:match("(%d+) (%d+)")
    read_ms[i], resident_kb[i] = tonumber(ns) / 1e6, tonumber(kb)
    process.stop(run, true)
  end
  process.stop(target)
  local ms, kb = median(read_ms), median(resident_kb)
  local soon, small =
    verdict(ms, START_MARK_MS, "10 ms"), verdict(kb, RESIDENT_MARK_KB, "6 MiB")
  print(("\nwatchio poll, median of %d starts"):format(starts))
  print(("  from exec to the first reading %6.2f ms  %s"):format(ms, soon))
  print(("  resident while it waits        %6d kB  %s"):format(kb, small))
end

local function bench_socket_calls()
  local run = process.start { build .. "/bench/socket_calls" }
  while not run.status do
    process.sleep(50)
  end
  local none, unwatched, watched, ms, kb = run.output:match "^(%d+) (%d+) (%d+) ([%d.]+) (%d+)"
  process.stop(run, true)
  print "\na call through a socket, beside counting its bytes in the kernel"
  if not none then return print("  not counted here: " .. run.output) end
  print(
    ("  of nobody who is watched %6d ns, %d more  %s"):format(
      unwatched,
      unwatched - none,
      verdict(unwatched - none, UNWATCHED_MARK_NS, "60 ns more")
    )
  )
  print(
    ("  of a watched process     %6d ns, %d more  %s"):format(
      watched,
      watched - none,
      verdict(watched - none, WATCHED_MARK_NS, "120 ns more")
    )
  )
  print(
    ("  to begin takes           %6.1f ms  %s"):format(
      ms,
      verdict(ms + 0, TRACER_MARK_MS, "60 ms")
    )
  )
  print(
    ("  and at the peak          %6d kB  %s"):format(
      kb,
      verdict(kb + 0, TRACER_MARK_KB, "12 MiB")
    )
  )
end

local function bench(plan)
  print(("%7s %-6s %-26s %10s %8s"):format("N", "crowd", "", "CPU ms/pass", "x bare"))
  for _, count in ipairs(plan.sizes) do
    for _, kind in ipairs { "quiet", "busy" } do
      bench_crowd(count, kind, plan)
    end
  end
  bench_start(STARTS)
  bench_socket_calls()
  print(missed == 0 and "\nall marks met" or ("\n%d marks missed"):format(missed))
end

local function end_all(status)
  process.abandon()
  os.remove(LIST)
  os.exit(status)
end

for name, status in pairs { sigint = 130, sigterm = 143 } do
  uv.new_signal():start(name, function() end_all(status) end)
end

coroutine.wrap(function()
  io.stdout:setvbuf("line")
  local ok, message = xpcall(bench, debug.traceback, arg[1] == "--quick" and quick or full)
  if not ok then io.stderr:write("bench: ", message, "\n") end
  end_all((ok and missed == 0) and 0 or 1)
end)()
uv.run()
