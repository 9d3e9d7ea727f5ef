-- SPDX-License-Identifier: MIT
-- Gating loses nothing: a process whose CPU clock stands still is not read, and still every byte is
-- seen and idle is never early. Real writers with random pauses say afterwards what they did and
-- when.
local native = require "watchio.native"
local uv = require "luv"
local programs = require "spec.property.programs"

local EVERY_NS <const> = 10000000
local IDLE_NS <const> = 150000000
local WRITERS <const> = 6
local WRITING_MS <const> = 3500

-- A running thread's CPU clock is brought up to date at the kernel's timer tick, every 10 ms at the
-- slowest: so much later than the counters the gate can open.
local GATE_LAG_NS <const> = 10000000

local seed = tonumber(os.getenv("WATCHIO_SEED")) or os.time()

local function start_writers()
  local writers = {}
  for i = 1, WRITERS do
    local output = programs.run("writer", seed + i, WRITING_MS, IDLE_NS // 1000000)
    writers[i] = { output = output, pid = assert(output:read("l"):match("^ready (%d+)$")) // 1 }
  end
  return writers
end

local function cue(writers)
  for _, writer in ipairs(writers) do
    uv.kill(writer.pid, "sigusr1")
  end
end

-- What each one did: its writes, and their sum.
local function collect_logs(writers)
  cue(writers)
  for _, writer in ipairs(writers) do
    writer.writes, writer.bytes = {}, 0
    for line in writer.output:lines() do
      local before, after, bytes = line:match("^(%d+) (%d+) (%d+)$")
      table.insert(writer.writes, { before = before // 1, after = after // 1 })
      writer.bytes = writer.bytes + bytes // 1
    end
    writer.output:close()
  end
end

local function watch(monitor, writers)
  local pids, by_pid = {}, {}
  for i, writer in ipairs(writers) do
    pids[i], by_pid[writer.pid] = writer.pid, writer
    writer.idles = {}
  end
  assert(
    monitor:watch { pids = pids, counts = { "io" }, every_ns = EVERY_NS, idle_ns = IDLE_NS }
  )
  return function(event)
    local writer = by_pid[event.pid]
    if event.type == "start" then
      writer.target, writer.seen_ns = event.target, event.time_ns
    elseif event.type == "idle" then
      table.insert(writer.idles, event.time_ns)
    end
  end
end

local function totals(monitor, writers)
  for _, writer in ipairs(writers) do
    writer.total = monitor:target(writer.target).total
  end
end

-- Drives the monitor by hand until a moment; returns the ticks, each with how late it came.
local function drive(monitor, until_ns, on_event, ticks)
  repeat
    local due = math.min(monitor:due() or until_ns, until_ns)
    uv.sleep(math.max(0, (due - uv.hrtime() + 999999) // 1000000))
    local now = uv.hrtime()
    assert(monitor:tick(now))
    table.insert(ticks, { at = now, late = now - due, took = uv.hrtime() - now })
    for event in function() return monitor:next() end do
      on_event(event)
    end
  until now >= until_ns
end

-- assert, with the numbers that went wrong and the seed that shows them again.
local function want(holds, message, ...)
  if not holds then error(("WATCHIO_SEED=%d: "):format(seed) .. message:format(...), 2) end
end

-- No write may be finished before the verdict and begun within the quiet time before it. Who drives
-- the monitor by hand gives it the time at which a pass begins, so the longest pass is forgiven; on
-- the loop nothing is.
local function assert_never_early(writer, ticks)
  local forgiven = 0
  for _, tick in ipairs(ticks) do
    forgiven = math.max(forgiven, tick.took or 0)
  end
  for _, idle in ipairs(writer.idles) do
    for _, write in ipairs(writer.writes) do
      local early = write.after <= idle and write.before > idle - IDLE_NS + forgiven
      want(not early, "idle %d ns after a write", idle - write.before)
    end
  end
end

-- The quiet periods, the one before the first write included.
local function quiet_periods(writer, end_ns)
  local periods, from = {}, writer.seen_ns
  for _, write in ipairs(writer.writes) do
    table.insert(periods, { from = from, till = write.before })
    from = write.after
  end
  table.insert(periods, { from = from, till = end_ns })
  return periods
end

-- What late ticks may add: the one that sees the last write and the one of the deadline by as much
-- as they are late, and any other by what it does not vouch for.
local function allowance(ticks, from, till)
  local latest, lost = 0, 0
  for i = 2, #ticks do
    local tick, gap = ticks[i], ticks[i].at - ticks[i - 1].at
    if tick.at >= from and tick.at - tick.late <= till then
      latest = math.max(latest, tick.late)
      lost = lost + math.max(0, gap - 2 * EVERY_NS)
    end
  end
  return 2 * latest + lost
end

local function idles_within(writer, period)
  local found = {}
  for _, idle in ipairs(writer.idles) do
    if idle > period.from and idle <= period.till then table.insert(found, idle) end
  end
  return found
end

local function assert_never_late(writer, ticks, end_ns)
  local judged = 0
  for _, period in ipairs(quiet_periods(writer, end_ns)) do
    local late = GATE_LAG_NS + allowance(ticks, period.from, period.till)
    local latest = period.from + IDLE_NS + EVERY_NS + late
    local found = idles_within(writer, period)
    want(#found <= 1, "%d times idle in one quiet period", #found)
    if latest < period.till then
      judged = judged + 1
      want(#found == 1, "no idle in %d ns of quiet", period.till - period.from)
      want(found[1] <= latest, "idle %d ns late", found[1] - latest)
    end
  end
  want(judged > 0, "no quiet period was long enough")
end

local function assert_every_byte_seen(writer)
  local total = writer.total
  want(total.wchar == writer.bytes, "%d of %d bytes seen", total.wchar, writer.bytes)
  want(total.syscw == #writer.writes, "%d of %d writes seen", total.syscw, #writer.writes)
  want(total.rchar == 0, "%d bytes read that nobody read", total.rchar)
end

describe("gating loses nothing", function()
  it("when the monitor is driven by hand", function()
    local writers, ticks = start_writers(), {}
    local monitor = assert(native.monitor())
    local on_event = watch(monitor, writers)
    drive(monitor, uv.hrtime() + 2 * EVERY_NS, on_event, ticks)
    cue(writers)
    drive(monitor, uv.hrtime() + WRITING_MS * 1000000 + 5 * IDLE_NS, on_event, ticks)
    totals(monitor, writers)
    local gated, end_ns = monitor:stats().gated, monitor:now()
    monitor:close()
    collect_logs(writers)
    assert.is_true(gated > 0)
    for _, writer in ipairs(writers) do
      assert_every_byte_seen(writer)
      assert_never_early(writer, ticks)
      assert_never_late(writer, ticks, end_ns)
    end
  end)

  it("when the monitor runs on the loop", function()
    local writers = start_writers()
    local monitor = assert(native.monitor())
    local on_event = watch(monitor, writers)
    monitor:attach(on_event, error)
    local stop = uv.new_timer()
    stop:start(WRITING_MS + 5 * IDLE_NS // 1000000, 0, function() uv.stop() end)
    while not writers[WRITERS].target do
      uv.run("once")
    end
    cue(writers)
    uv.run()
    totals(monitor, writers)
    local gated = monitor:stats().gated
    stop:close()
    monitor:detach()
    monitor:close()
    uv.run()
    collect_logs(writers)
    assert.is_true(gated > 0)
    for _, writer in ipairs(writers) do
      assert_every_byte_seen(writer)
      assert_never_early(writer, {})
      assert.is_true(#writer.idles > 0)
    end
  end)
end)
