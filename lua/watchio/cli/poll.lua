-- SPDX-License-Identifier: MIT
-- watchio poll: waits for I/O; with --kill, waits until there is none and then ends the processes.
local cure = require "watchio.base.cure"
local durations = require "watchio.cli.durations"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local interrupts = require "watchio.cli.interrupts"
local values = require "watchio.check.values"
local output = require "watchio.cli.output"
local poll = require "watchio.jobs.poll"
local poll_kill = require "watchio.cli.poll_kill"
local targets = require "watchio.cli.targets"
local units = require "watchio.base.units"
local with_session = require "watchio.cli.with_session"

local cli_poll = {}

cli_poll.about = "Wait until any of the processes does I/O."

cli_poll.only_reads = true

cli_poll.examples = {
  "watchio poll nginx && echo busy                  # within ten minutes",
  "watchio poll --kill --timeout 1h cmd=ipykernel,user=alice   # ends alice's",
}

local SECOND = units.SECOND
local STATUS = {
  ESRCH = 3,
  EACCES = exit_status.NOT_PERMITTED,
  EPERM = exit_status.NOT_PERMITTED,
  ECANCELED = exit_status.INTERRUPTED,
}

function cli_poll.define(parser)
  targets.define(parser)
  parser:option("--timeout", "How long to wait for I/O."):default("600"):argname("DURATION")
  parser:option("--step", "How often to sample."):default("5"):argname("DURATION")
  parser:flag(
    "--kill",
    "If there is no I/O for --timeout, end the processes (TERM, 10 s, KILL)."
  )
  parser:flag(
    "--any",
    "With --kill: end all of a user, unit or cgroup although other TARGETs stand beside it."
  )
end

local function failure(message, code)
  local status = STATUS[code] or exit_status.FAILED
  if status == exit_status.NOT_PERMITTED then message = cure.looking(message) end
  return status, message
end

local function wait_for_activity(poller)
  local count, message, code = poller:poll()
  if not count then return failure(message, code) end
  if count < 0 then
    return exit_status.FAILED, "no I/O for " .. format.span(poller.timeout_ns / units.SECOND)
  end
  for _, process in ipairs(poller.active) do
    local name, moved = format.escape(process.name), format.moved(process.why)
    output.write(("%d %s  %s\n"):format(process.pid, name, moved))
  end
  return exit_status.DONE
end

local function poll_targets(session, options, times)
  local per = options.kill and "tree" or "process"
  local found, status, wrong = targets.find(session, options.targets, per)
  if not found then return status, wrong end
  local doubt = options.kill and not options.any and poll_kill.doubt(found, options.targets)
  if doubt then return exit_status.USAGE, doubt end
  local ok, poller, message, code = pcall(poll.new, session, "poll", found.list, times)
  if not ok then return exit_status.USAGE, poller end
  if not poller then return failure(message, code) end
  targets.tell(found.notes)
  if not options.kill then return wait_for_activity(poller) end
  return poll_kill.run(session, poller, found, options.targets)
end

-- With --kill, kills under way finish first. Without it, TERM may simply end watchio.
local function signal_takers(session, kills)
  local terminated = kills and interrupts.ender(session, exit_status.TERMINATED) or nil
  return {
    sigint = interrupts.ender(session, exit_status.INTERRUPTED),
    sigterm = terminated,
    sigquit = terminated,
  }
end

local function run(session, options, times)
  -- Before the first sample: luv writes to itself when it takes its first signal, and a poll of
  -- watchio itself must not see that.
  local release = interrupts.take(signal_takers(session, options.kill))
  local status, message = poll_targets(session, options, times)
  release()
  return status, message
end

---@param options table
---@return integer status
---@return string? message
function cli_poll.main(options)
  local times, wrong = durations.read(options, {
    { "timeout", values.duration(0) },
    { "step", values.interval },
  })
  if not times then return exit_status.USAGE, wrong end
  if options.any and not options.kill then
    return exit_status.USAGE, "--any: only with --kill"
  end
  return with_session({}, run, options, {
    timeout = times.timeout / SECOND,
    step = times.step / SECOND,
  })
end

return cli_poll
