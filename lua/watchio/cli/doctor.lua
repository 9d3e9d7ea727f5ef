-- SPDX-License-Identifier: MIT
-- watchio doctor: reports what this user may read here, and what would fix the rest.
local uv = require "luv"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local layout = require "watchio.show.layout"
local measures = require "watchio.base.measures"
local native = require "watchio.native"
local output = require "watchio.cli.output"
local units = require "watchio.base.units"
local users = require "watchio.base.users"
local with_session = require "watchio.cli.with_session"

local doctor = {}

doctor.about = "Report what this user can watch here: the kernel, its process tree, "
  .. "privileges, limits, and how many of the processes can be read."

doctor.only_reads = true

doctor.examples = {
  "watchio doctor                        # what can be read, and what would help",
  "watchio doctor --json | jq .counts",
}

local PAIR = { "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH" }

function doctor.define(parser) parser:flag("--json", "One JSON object on standard output.") end

-- How many processes there are, and how many of them can be read, for each kind.
local function survey(session)
  local counts = { processes = 0, io = 0, net = 0, cpu = 0, others = 0 }
  local uid = session.monitor:describe(uv.os_getpid()).uid
  local found, _, left_out = assert(session.monitor:find { names = { "*" } })
  table.move(left_out, 1, #left_out, #found + 1, found)
  for _, process in ipairs(found) do
    local reading = not process.kernel_thread and session.monitor:reading(process.pid)
    if reading then
      counts.processes = counts.processes + 1
      if process.uid ~= uid then counts.others = counts.others + 1 end
      for _, kind in ipairs(measures.kinds) do
        if not reading.unreadable[kind] then counts[kind] = counts[kind] + 1 end
      end
    end
  end
  return counts
end

-- How births are found. A watch of an impossible process tries it.
local function births(session)
  session.monitor:watch { names = { "/" }, every_ns = units.SECOND, events = {} }
  session.monitor:tick(0)
  return session.monitor:stats().births
end

local function examine(session)
  local facts, message = native.rights()
  if facts then
    local system = uv.os_uname()
    facts.kernel = ("%s, %s"):format(system.release, system.machine)
    facts.user = users.name(session.monitor:describe(uv.os_getpid()).uid)
    facts.births = births(session)
    facts.counts = survey(session)
  end
  return facts, message
end

local function has_pair(facts) return facts.capable[PAIR[1]] and facts.capable[PAIR[2]] end

-- Safe ways to read other users' processes.
local OTHERS = {
  "other users' processes: run as root",
  "or as a service: its unit needs the lines DynamicUser=yes and "
    .. "AmbientCapabilities=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH "
    .. "(and CAP_KILL if its policy ends others' processes)",
  "or, only to look (top, stat, match, wait, poll, learn), with a copy for one group: "
    .. "install -g watchio -m 0750 $(command -v watchio) /usr/local/bin/watchio-look; "
    .. "setcap cap_sys_ptrace,cap_dac_read_search=p /usr/local/bin/watchio-look",
}

local LENT = "cap_sys_ptrace,cap_dac_read_search=p"

-- Warnings about the program's file.
local function warnings(facts)
  local list, copy = {}, facts.copy
  local function warn(holds, text)
    if holds then list[#list + 1] = text end
  end
  warn(
    copy.setid,
    "the program's file is setuid or setgid, which has no effect (want chmod ug-s)"
  )
  warn(
    copy.lends and copy.for_anybody,
    "anybody may start the program's file, and its capabilities show what every user's "
      .. "processes do (want a group of its own, and chmod 0750)"
  )
  warn(
    copy.lends and copy.at_once,
    "the capabilities of the program's file are in effect before "
      .. "it can put them aside (want setcap "
      .. LENT
      .. ")"
  )
  warn(
    copy.lends_more,
    "the program's file has capabilities that it does not use (want setcap " .. LENT .. ")"
  )
  return list
end

-- The cures, the most useful first.
local function cures(facts)
  local list = {}
  local function cure(holds, text)
    if holds then list[#list + 1] = text end
  end
  local counts, missing = facts.counts, facts.missing
  cure(missing.io, "io: the kernel needs CONFIG_TASK_IO_ACCOUNTING")
  cure(missing.net, "net: the kernel needs CONFIG_INET_TCP_DIAG")
  cure(missing.pidfd, "signals: the kernel needs pidfd_open(2), Linux 5.3 or newer")
  if counts.io < counts.processes and not has_pair(facts) then
    for _, text in ipairs(OTHERS) do
      cure(true, text)
    end
  end
  cure(
    counts.io < counts.processes and has_pair(facts),
    "the rest: not even these privileges open it "
      .. "(another user namespace, or a security module); nothing here changes that"
  )
  cure(
    facts.hidepid ~= "0" and facts.hidepid ~= "" and not has_pair(facts),
    (
      "hidden processes: /proc is mounted with hidepid=%s; mount it with hidepid=0, or join the "
      .. "group of its option gid="
    ):format(facts.hidepid)
  )
  cure(
    facts.most_files < 2 * counts.processes + 128,
    ("held files: raise the hard limit above %d (ulimit -Hn), or run with CAP_SYS_RESOURCE"):format(
      2 * counts.processes + 128
    )
  )
  cure(
    facts.births == "scan",
    "births: the proc connector is refused or silent here (it takes "
      .. "root, or Linux 6.6, and no container); new processes are found at each interval instead"
  )
  return list
end

local function works(reason) return reason and "no: " .. reason or "yes" end

local function share(count, all) return ("%d of %d"):format(count, all) end

local function capabilities(facts)
  local names = {}
  for name, held in pairs(facts.capable) do
    if held then names[#names + 1] = name end
  end
  table.sort(names)
  return #names > 0 and table.concat(names, " ") or "none that matter"
end

local function rows_of(facts)
  local counts = facts.counts
  return {
    { "kernel", facts.kernel },
    { "user", facts.user },
    { "capabilities", capabilities(facts) },
    { "io counters", works(facts.missing.io) },
    { "TCP bytes", works(facts.missing.net) },
    { "CPU clocks", works(facts.missing.cpu) },
    { "pidfds", works(facts.missing.pidfd) },
    {
      "births",
      facts.births == "connector" and "reported by the kernel" or "found at each interval",
    },
    { "hidepid", facts.hidepid ~= "" and facts.hidepid or "unknown" },
    {
      "open files",
      ("%d, raised to %d: %d processes can be held"):format(
        facts.files,
        facts.most_files,
        math.max(0, (facts.most_files - 128) // 2)
      ),
    },
    { "processes", ("%d, %d of other users"):format(counts.processes, counts.others) },
    { "  io read", share(counts.io, counts.processes) },
    { "  net read", share(counts.net, counts.processes) },
    { "  cpu read", share(counts.cpu, counts.processes) },
  }
end

local function write_list(title, list)
  if #list == 0 then return end
  output.write(("\n%s:\n"):format(title))
  for _, text in ipairs(list) do
    output.write("  " .. format.escape(text) .. "\n")
  end
end

local function write_table(facts)
  output.write(layout.table(rows_of(facts)))
  write_list("Not safe", facts.warnings)
  write_list("What would help", facts.cures)
  if #facts.warnings + #facts.cures == 0 then output.write "\nNothing is missing.\n" end
end

---@param options table
---@return integer status
---@return string? message
function doctor.main(options)
  local facts, message = with_session({ virtual = true }, examine)
  if not facts then return exit_status.FAILED, message end
  facts.cures, facts.warnings = cures(facts), warnings(facts)
  if options.json then
    facts.event = "doctor"
    output.record(facts)
  else
    write_table(facts)
  end
  local nothing = facts.missing.io or facts.counts.io == 0
  return nothing and exit_status.NOT_PERMITTED or exit_status.DONE,
    nothing and "no process's io can be read" or nil
end

return doctor
