-- SPDX-License-Identifier: MIT
-- watchio match: shows which processes TARGETs name, how they group, and which cannot be read.
local cells = require "watchio.show.cells"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local layout = require "watchio.show.layout"
local measures = require "watchio.base.measures"
local output = require "watchio.cli.output"
local targets = require "watchio.cli.targets"
local units = require "watchio.base.units"
local users = require "watchio.base.users"
local with_session = require "watchio.cli.with_session"

local match = {}

match.about = "Show which processes the TARGETs name, how they group into targets, and which of "
  .. "them cannot be read."

match.only_reads = true

match.examples = {
  "watchio match nginx,port=80           # nginx, if it listens on port 80",
  "watchio match nginx port=80           # nginx, and whatever listens on 80",
  "watchio match --per user user=alice   # all of alice's, as one target",
}

local COMMAND_LENGTH = 80 -- what is longer is cut in the table

function match.define(parser)
  targets.define(parser)
  targets.define_per(parser)
  parser:flag("--json", "One JSON object a line on standard output: one for each target.")
end

local function processes_of(session, pids)
  local processes = {}
  for _, pid in ipairs(pids) do
    local process = session.monitor:describe(pid)
    if process and not process.ended then
      local reading = session.monitor:reading(pid)
      process.unreadable = reading and reading.unreadable or {}
      processes[#processes + 1] = process
    end
  end
  return processes
end

-- The targets that a watch of the TARGETs would have, each with its processes.
local function group(session, list, per)
  local groups, native = {}, targets.native(session, list)
  native.per, native.every_ns, native.events = per, units.SECOND, {}
  local watch = assert(session.monitor:watch(native))
  assert(session.monitor:tick(0))
  for _, id in ipairs(session.monitor:targets(watch)) do
    local target = session.monitor:target(id)
    local processes = target and processes_of(session, target.pids) or {}
    if #processes > 0 then
      groups[#groups + 1] = { pid = target.pid, name = target.name, processes = processes }
    end
  end
  return groups
end

local function mark_matches(groups, seen)
  for _, each in ipairs(groups) do
    for _, process in ipairs(each.processes) do
      process.matched = seen.matches[process.pid] ~= nil
    end
  end
end

-- How many processes there are, how many of them cannot be read for each kind, and why. A process
-- can be in two targets.
local function tally(groups)
  local sums, seen = { count = 0, reasons = {} }, {}
  for _, each in ipairs(groups) do
    for _, process in ipairs(each.processes) do
      if not seen[process.pid] then
        sums.count = sums.count + 1
        for kind, reason in pairs(process.unreadable) do
          sums[kind] = (sums[kind] or 0) + 1
          sums.reasons[kind] = reason
        end
      end
      seen[process.pid] = true
    end
  end
  return sums
end

local function unread(process)
  local kinds = {}
  for _, kind in ipairs(measures.kinds) do
    if process.unreadable[kind] then kinds[#kinds + 1] = kind end
  end
  return table.concat(kinds, ", ")
end

-- One line a process. Children stand below their parents; they are marked "descent" unless a TARGET
-- names them as well.
local function rows_of(groups)
  local rows =
    { { "target", "pid", "name", "also", "by", "user", "unit", "unread", "command" } }
  for _, each in ipairs(groups) do
    local depths = {}
    for index, process in ipairs(each.processes) do
      local depth = depths[process.ppid] and depths[process.ppid] + 1 or 0
      depths[process.pid] = depth
      rows[#rows + 1] = {
        index == 1 and ("%s[%d]"):format(each.name, each.pid) or "",
        tostring(process.pid),
        ("  "):rep(depth) .. process.name,
        table.concat(process.other_names, ", "),
        process.matched and "match" or "descent",
        users.name(process.uid),
        process.unit or "",
        unread(process),
        cells.cut(format.escape(process.cmd), COMMAND_LENGTH),
      }
    end
  end
  return rows
end

local function write_table(groups, seen, sums)
  output.write(layout.table(rows_of(groups)))
  local reasons = targets.reasons(seen)
  local processes = format.count(sums.count, "process", "es")
  local lines = { ("%s in %s"):format(processes, format.count(#groups, "target")) }
  for _, kind in ipairs(measures.kinds) do
    if sums[kind] then
      lines[#lines + 1] = ("%s of %d unread: %s"):format(kind, sums[kind], sums.reasons[kind])
    end
  end
  table.move(reasons, 1, #reasons, #lines + 1, lines)
  lines[#lines + 1] = seen.overlap
  lines[#lines + 1] = targets.unknown_line(seen.unknown)
  output.write("\n" .. table.concat(lines, "\n") .. "\n")
end

local function json_process(process)
  return {
    pid = process.pid,
    ppid = process.ppid,
    name = process.name,
    cmd = process.cmd,
    exe = process.exe,
    user = users.name(process.uid),
    unit = process.unit,
    cgroup = process.cgroup,
    other_names = process.other_names[1] and process.other_names or nil,
    matched = process.matched,
    unreadable = next(process.unreadable) and process.unreadable or nil,
  }
end

local function write_json(groups, seen)
  for _, each in ipairs(groups) do
    local processes, pids = {}, {}
    for index, process in ipairs(each.processes) do
      processes[index], pids[index] = json_process(process), process.pid
    end
    local target = { pid = each.pid, name = each.name, pids = pids }
    output.record { event = "match", target = target, processes = processes }
  end
  if seen.overlap then output.record { event = "overlap", reason = seen.overlap } end
  for _, reason in ipairs(targets.reasons(seen)) do
    output.record { event = "missing", reason = reason }
  end
  for pid, process in pairs(seen.unknown) do
    output.record { event = "unknown", pid = pid, name = process.name, reason = process.denied }
  end
end

local function run(session, options)
  local list, message = targets.selectors(options.targets)
  if not list then return exit_status.USAGE, message end
  local seen
  seen, message = targets.look(session, options.targets, list)
  if not seen then return exit_status.USAGE, message end
  seen.overlap = targets.overlap_line(session, seen, options.per)
  local groups = group(session, list, options.per)
  mark_matches(groups, seen)
  local sums = tally(groups)
  if options.json then write_json(groups, seen) end
  if #groups == 0 then
    local unknown = targets.unknown_line(seen.unknown)
    if unknown then return exit_status.NOT_PERMITTED, unknown end
    local reasons = targets.reasons(seen)
    return exit_status.NOTHING_TO_WATCH,
      reasons[1] and table.concat(reasons, "; ") or "it has just ended"
  end
  if not options.json then write_table(groups, seen, sums) end
  return sums.io == sums.count and exit_status.NOT_PERMITTED or exit_status.DONE
end

---@param options table
---@return integer status
---@return string? message
function match.main(options) return with_session({ virtual = true }, run, options) end

return match
