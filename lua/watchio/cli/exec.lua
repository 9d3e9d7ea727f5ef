-- SPDX-License-Identifier: MIT
-- watchio exec: runs a command, and ends it with everything it started when it is idle or runs for
-- too long.
local uv = require "luv"
local durations = require "watchio.cli.durations"
local exec = require "watchio.jobs.exec"
local exit_status = require "watchio.base.exit_status"
local values = require "watchio.check.values"
local native = require "watchio.native"
local report = require "watchio.show.report"
local text = require "watchio.cli.exec_text"
local with_session = require "watchio.cli.with_session"
local writer = require "watchio.base.writer"

local cli_exec = {}

cli_exec.about = "Run a command. End it, with everything it started, when it is idle or runs for "
  .. "too long. The exit status is the command's own, or 124 if it was ended."

cli_exec.takes_command = true

cli_exec.examples = {
  "watchio exec --idle 10m --summary make -j2",
  "watchio exec --max 2h --grace 30s -- rsync -a /home /mnt/backup",
}

function cli_exec.define(parser)
  parser:usage(
    "Usage: watchio exec [--idle D] [--max D] [--grace D] [--every D] [--summary] "
      .. "[--json] [--] CMD..."
  )
  parser
    :option(
      "--idle",
      "End the command after DURATION without any I/O, network or CPU activity."
    )
    :argname("DURATION")
  parser:option("--max", "End the command after DURATION, idle or not."):argname("DURATION")
  parser:option("--grace", "The time from TERM to KILL."):default("10s"):argname("DURATION")
  parser:option("--every", "How often to sample."):default("1s"):argname("DURATION")
  parser:flag("--summary", "Report at the end what the command has used, on standard error.")
  parser:flag("--json", "Report everything as one JSON object a line, on standard error.")
end

local takes_value = {
  ["--idle"] = true,
  ["--max"] = true,
  ["--grace"] = true,
  ["--every"] = true,
}

--- Splits off the command. It begins after "--", or with the first word that is no option.
---@param words string[]
---@return string[] own
---@return string[] argv
function cli_exec.split(words)
  local index = 1
  while words[index] and words[index] ~= "--" and words[index]:find("^%-") do
    local value = takes_value[words[index]] and words[index + 1]
    index = index + (value and not value:find("^%-") and 2 or 1)
  end
  local first = words[index] == "--" and index + 1 or index
  return table.move(words, 1, index - 1, 1, {}), table.move(words, first, #words, 1, {})
end

local function limits(options, argv)
  local times, message = durations.read(options, {
    { "idle", values.duration() },
    { "max", values.duration() },
    { "grace", values.duration() },
    { "every", values.interval },
  })
  if not times then return nil, message end
  return {
    argv = argv,
    idle_ns = times.idle,
    max_ns = times.max,
    grace_ns = times.grace,
    every_ns = times.every,
  }
end

-- Writes the reports of exec, and none of the session.
local function teller(options)
  local write = writer.new(io.stderr, "standard error")
  local as_json = options.json and report.new { json = true, write = write }
  local told = {}
  return function(record)
    if record.event == "summary" and not options.summary then return end
    if record.event == "unreadable" and (not options.idle or told.unreadable) then return end
    told[record.event] = true
    local lines = text[record.event]
    if not lines then return end
    if as_json then
      as_json(record)
    else
      write(lines(record))
    end
  end
end

-- Reads the events of the kernel until the command has ended.
local function run_loop(session, running, reaper)
  local poll = assert(uv.new_poll(reaper:descriptor()))
  poll:start("r", function() running:hear() end)
  if not session.status then uv.run() end
  poll:close()
  if not running.failed then return session.status end
  local why = "an error of watchio itself; the command (pid %d) goes on without limits:\n%s"
  return session.status, why:format(running.pid, running.failed)
end

local function run(session, reaper, checked)
  local running, status, message = exec.start(session, reaper, checked)
  if not running then return status, message end
  return run_loop(session, running, reaper)
end

---@param options table
---@param argv string[]
---@return integer status
---@return string? message
function cli_exec.main(options, argv)
  if not argv[1] then
    return exit_status.USAGE, "no command (want e.g. watchio exec --idle 10m -- make)"
  end
  local checked, fault = limits(options, argv)
  if not checked then return exit_status.USAGE, fault end
  local reaper <close>, wrong = native.reaper()
  if not reaper then return exit_status.OWN_FAILURE, wrong end
  return with_session({ on_record = teller(options) }, run, reaper, checked)
end

return cli_exec
