-- SPDX-License-Identifier: MIT
-- Random histories: when processes write and when ticks come, and what a monitor says to them on
-- the virtual clock.
local native = require "watchio.native"
local lfs = require "lfs"

local history = {}

local MS <const> = 1000000
local PROCESSES <const> = 4
local SLOWEST_EVERY <const> = 200 * MS

---The longest stall, in sampling intervals.
history.STALL = 8

local IO = [[
rchar: 0
wchar: %d
syscr: 0
syscw: 0
read_bytes: 0
write_bytes: 0
cancelled_write_bytes: 0
]]

-- In a session of its own: who is in the session of another is its descendant.
local STAT = "%d (p) S 0 %d %d 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n"

-- A /proc tree of a few processes that differ in their counters only.
local function new_tree()
  local tree = { root = os.tmpname() }
  os.remove(tree.root)
  assert(lfs.mkdir(tree.root))
  local function write(path, text)
    local file <close> = assert(io.open(tree.root .. "/" .. path, "w"))
    file:write(text)
  end
  function tree.set(pid, bytes) write(pid .. "/io", IO:format(bytes)) end
  function tree.remove() os.execute("rm -r " .. tree.root) end
  write("loadavg", "0.00 0.00 0.00 1/9 99\n")
  for pid = 1, PROCESSES do
    assert(lfs.mkdir(tree.root .. "/" .. pid))
    write(pid .. "/stat", STAT:format(pid, pid, pid))
    write(pid .. "/cmdline", "p\0")
    write(pid .. "/status", "Name:\tp\nUid:\t0\t0\t0\t0\n")
    tree.set(pid, 0)
  end
  return tree
end

local function random_writes(length)
  local times, at = {}, 0
  repeat
    local pause = math.random(3) == 1 and math.random(500, 3000) or math.random(1, 200)
    at = at + pause * MS + math.random(0, 999)
    table.insert(times, at)
  until at > length
  return times
end

-- How late the next tick comes: mostly not at all, often a little, at times by several intervals.
local function random_lateness(every_ns)
  if math.random(10) == 1 then return math.random(0, history.STALL * every_ns) end
  return math.random(3) == 1 and math.random(0, 5 * MS) or 0
end

---Two watches over the same processes, when each process writes, and how late the ticks come.
---@param late boolean
function history.random(late)
  local it = { watches = {}, writes = {}, late = {}, length = math.random(3, 10) * 1000 * MS }
  for i = 1, 2 do
    local every_ns = math.random(10 * MS, SLOWEST_EVERY)
    it.watches[i] = { every_ns = every_ns, idle_ns = math.random(1, 1500) * MS }
  end
  for pid = 1, PROCESSES do
    it.writes[pid] = random_writes(it.length)
  end
  local every_ns = math.min(it.watches[1].every_ns, it.watches[2].every_ns)
  for tick = 1, 100 do
    it.late[tick] = late and random_lateness(every_ns) or 0
  end
  return it
end

local function write_until(at, tree, writes, done)
  for pid, times in ipairs(writes) do
    local before = done[pid]
    while times[done[pid] + 1] and times[done[pid] + 1] <= at do
      done[pid] = done[pid] + 1
    end
    if done[pid] > before then tree.set(pid, done[pid]) end
  end
end

local function new_monitor(root, watches)
  local monitor = assert(native.monitor { root = root })
  local pids, number = {}, {}
  for pid = 1, PROCESSES do
    pids[pid] = pid
  end
  for i, watch in ipairs(watches) do
    local id = monitor:watch {
      pids = pids,
      every_ns = watch.every_ns,
      idle_ns = watch.idle_ns,
      limits = watch.limits,
    }
    number[assert(id)] = i
  end
  return monitor, number
end

-- One tick, and what it tells.
local function tick(monitor, origin_ns, at, number, seen)
  assert(monitor:tick(origin_ns + at))
  for event in function() return monitor:next() end do
    table.insert(seen.events, {
      type = event.type,
      at = event.time_ns - origin_ns,
      watch = number[event.watch],
      pid = event.pid,
      target = event.target,
      total = event.total and event.total.wchar,
      limit = event.limit,
      moved = event.limit and event.why.io and event.why.io.wchar or 0,
      moved_in = event.limit and event.moved_in_ns,
    })
  end
end

local function collect_totals(monitor, seen, done)
  for _, event in ipairs(seen.events) do
    if event.type == "start" then
      local total = monitor:target(event.target).total.wchar
      table.insert(seen.totals, { written = done[event.pid], counted = total })
    end
  end
end

---Lives through a history. All times in the result count from its origin; each process writes one
---byte at a time.
---@param it table from `history.random`
---@param origin_ns integer
function history.live(it, origin_ns)
  local tree, done, seen = new_tree(), {}, { events = {}, ticks = {}, totals = {} }
  local monitor, number = new_monitor(tree.root, it.watches)
  for pid = 1, PROCESSES do
    done[pid] = 0
  end
  local at, late = 0, 0
  repeat
    write_until(at, tree, it.writes, done)
    tick(monitor, origin_ns, at, number, seen)
    table.insert(seen.ticks, { at = at, late = late })
    local due = monitor:due() - origin_ns
    late = it.late[#seen.ticks % #it.late + 1] + math.max(0, at - due)
    at = due + late
  until at >= it.length
  -- The history is over; one more look, so that all have been read since their last write.
  assert(monitor:tick(origin_ns + at + SLOWEST_EVERY))
  collect_totals(monitor, seen, done)
  monitor:close()
  tree.remove()
  return seen
end

return history
