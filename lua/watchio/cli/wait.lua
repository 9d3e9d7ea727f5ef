-- SPDX-License-Identifier: MIT
-- watchio wait: waits until targets are idle, one of them is active, or all have ended.
local durations = require "watchio.cli.durations"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local interrupts = require "watchio.cli.interrupts"
local values = require "watchio.check.values"
local report = require "watchio.show.report"
local suggest = require "watchio.base.suggest"
local targets = require "watchio.cli.targets"
local waiting = require "watchio.jobs.waiting"
local with_session = require "watchio.cli.with_session"

local cli_wait = {}

cli_wait.about = "Wait until all the TARGETs are idle, until any of them is active, or until all "
  .. "have ended."

cli_wait.words = { STATE = waiting.STATES }

cli_wait.only_reads = true

cli_wait.examples = {
  "watchio wait idle postgres --for 30s && backup",
  [[watchio wait exit pid=812 --timeout 1h || echo "812 still runs"]],
}

local STATUS = {
  done = exit_status.DONE,
  timeout = exit_status.FAILED,
  nothing = exit_status.NOTHING_TO_WATCH,
  unknown = exit_status.NOT_PERMITTED,
}

-- Checked before the parser misses a TARGET: `wait nginx` lacks a state, not a TARGET.
local function state_of(word)
  if values.one_of(table.unpack(waiting.STATES))(word) then return word end
  local hint = suggest(word, waiting.STATES)
  if hint == "" then hint = " (want idle, active or exit)" end
  return nil, ("unknown state '%s'%s"):format(word, hint)
end

function cli_wait.define(parser)
  parser
    :argument("STATE", "The state to wait for: idle, active or exit.")
    :argname("STATE")
    :target("state")
    :convert(state_of)
  targets.define(parser)
  parser
    :option("--for", "With idle: how long all of them must be quiet (default: 60s).")
    :argname("DURATION")
    :target("quiet_for")
  parser:option("--timeout", "How long to wait (default: for ever)."):argname("DURATION")
  parser:option("--every", "How often to sample."):default("1s"):argname("DURATION")
  targets.define_per(parser)
  parser:flag("--json", "Report what happens as JSON on standard output, one object a line.")
  parser:mutex(
    parser:flag("-q --quiet", "Report only failures."),
    parser:flag("-v --verbose", "Also report counters that moved by less than their floor.")
  )
  parser:epilog [[
Exit status: 0 it happened, 1 not within the timeout, 2 usage, 3 there is
nothing to watch, 4 unknown, since something cannot be read, 130 interrupted.]]
end

-- The first mistake in the words and options, other than the TARGETs.
local function fault_of(options, times)
  if times["for"] and options.state ~= "idle" then
    return ("--for: only with idle (want watchio wait %s without it)"):format(options.state)
  end
end

local function run(session, options)
  local times, wrong = durations.read(options, {
    { "for", values.duration(), "quiet_for" },
    { "timeout", values.duration(0) },
    { "every", values.interval },
  })
  wrong = wrong or fault_of(options, times)
  if wrong then return exit_status.USAGE, wrong end
  local found, status, message = targets.find(session, options.targets, options.per)
  if not found then return status, message end
  if not options.quiet then targets.tell(found.notes) end
  local release =
    interrupts.take { sigint = interrupts.ender(session, exit_status.INTERRUPTED) }
  local outcome, reason = waiting.wait(session, options.state, found.native, {
    per = options.per,
    every_ns = times.every,
    quiet_ns = times["for"],
    timeout_ns = times.timeout,
  })
  release()
  return STATUS[outcome] or session.status, reason and format.escape(reason)
end

---@param options table
---@return integer status
---@return string? message
function cli_wait.main(options)
  local level = options.quiet and "quiet" or options.verbose and "verbose" or "normal"
  return with_session({
    verbose = level == "verbose",
    on_record = report.new { json = options.json, level = level },
  }, run, options)
end

return cli_wait
