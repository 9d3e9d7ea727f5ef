-- SPDX-License-Identifier: MIT
-- watchio stat: one line per target and interval.
local uv = require "luv"
local durations = require "watchio.cli.durations"
local exit_status = require "watchio.base.exit_status"
local interrupts = require "watchio.cli.interrupts"
local values = require "watchio.check.values"
local lines = require "watchio.cli.stat_lines"
local native = require "watchio.native"
local output = require "watchio.cli.output"
local report = require "watchio.show.report"
local samples = require "watchio.jobs.samples"
local stat_words = require "watchio.cli.stat_words"
local style = require "watchio.show.style"
local targets = require "watchio.cli.targets"
local units = require "watchio.base.units"
local with_session = require "watchio.cli.with_session"

local stat = {}

stat.about = "Show what the TARGETs do: one line for each TARGET and interval, and a last one "
  .. "when the TARGET has ended."

stat.only_reads = true

stat.examples = {
  "watchio stat nginx postgres",
  "watchio stat nginx 5 3             # every five seconds, three times",
  "watchio stat user=www-data --per name --every 10s --csv > www.csv",
}

local SECOND = units.SECOND
local STDOUT <const> = 1

function stat.define(parser)
  targets.define(parser)
  parser:usage "Usage: watchio stat [OPTION...] TARGET... [INTERVAL [COUNT]]"
  parser:option("-i --every", "The interval, at least 10ms (default: 1s)."):argname("DURATION")
  parser:option("-n --count", "How many intervals (default: for ever)."):argname("N")
  parser
    :option("--idle", "The quiet time until a target is idle.")
    :default("60s")
    :argname("DURATION")
  targets.define_per(parser)
  parser:mutex(
    parser:flag("--json", "One JSON object a line."),
    parser:flag("--csv", "Comma-separated values, with a header.")
  )
  parser:epilog [[
After a TARGET that is no number, INTERVAL and COUNT may follow as in pidstat:
watchio stat nginx 5 3. Numbers alone are pids: watchio stat 4711 812.

Columns, all per second: read/s, write/s: bytes through calls, from the cache
as well. disk_read, disk_write: bytes of the device. calls/s: reads and writes.
net/s: bytes of TCP connections. cpu%: of one core. idle: how long it is quiet.
"?" means that a value may not be read, "…" that it is not measured yet. A
narrow terminal shows fewer columns; CSV and JSON hold all.

Exit status: 0 done, 2 usage, 3 no process matches, 4 nothing of it can be
read, 130 interrupted.]]
end

-- Checks a number of intervals.
local function count_of(text, name)
  local count = math.tointeger(tonumber(text))
  if count and count >= 1 and text:find "^%d+$" then return count end
  return nil, ('%s: bad number "%s" (want a whole number from 1)'):format(name, text)
end

local function numbers(options)
  local found, message = durations.read(options, {
    { "every", values.interval },
    { "idle", values.duration() },
  })
  if not found then return nil, message end
  found.every = found.every or SECOND
  if not options.count then return found end
  found.count, message = count_of(options.count, "--count")
  return not message and found or nil, message
end

-- Takes INTERVAL and COUNT from the end of the words.
local function take_numbers(session, options, wanted)
  local function describe(pid) return session.monitor:describe(pid) end
  local words = stat_words.split(options.targets, describe)
  options.targets = words.targets
  if words.note then targets.tell { words.note } end
  if not words.interval then return true end
  for name, given in pairs { every = words.interval, count = words.count } do
    if options[name] then
      return nil,
        ("--%s: given twice (want %s, or %s after the TARGETs)"):format(
          name,
          options[name],
          given
        )
    end
  end
  local message
  wanted.every, message = values.interval(durations.value(words.interval))
  if message then return nil, "INTERVAL: " .. message end
  if words.count then
    wanted.count, message = count_of(words.count, "COUNT")
  end
  return not message, message
end

local function terminal_size()
  local width, height = native.terminal_size(STDOUT)
  if not width or width == 0 then return nil end
  return width, height > 0 and height or nil
end

local function line_maker(options)
  if options.json then return lines.json() end
  if options.csv then return lines.csv() end
  return lines.people { size = terminal_size, colour = style.wants_colour(STDOUT) }
end

-- Shows rows until the count is reached, no more rows can come, or the output has broken.
local function show(session, found, wanted, options)
  local line, rounds = line_maker(options), 0
  local seen, readable, done = false, false, false
  samples.start(session, found.native, {
    per = options.per,
    every_ns = wanted.every,
    idle_ns = wanted.idle,
    clock = uv.gettimeofday,
  }, function(row)
    if done then return end
    seen, readable = true, readable or row.rate.rchar ~= nil
    done = not output.write(line(row))
  end, function()
    rounds = rounds + 1
    done = done or rounds == wanted.count
  end)
  session:run_until(
    function() return done or session.finishing or #session.edition.watches == 0 end
  )
  if session.finishing then return session.status end
  session:finish(function() end)
  if seen and not readable then return exit_status.NOT_PERMITTED, "none of it can be read" end
  return exit_status.DONE
end

local function run(session, options, wanted)
  local ok, wrong = take_numbers(session, options, wanted)
  if not ok then return exit_status.USAGE, wrong end
  local found, status, message = targets.find(session, options.targets, options.per)
  if not found then return status, message end
  targets.tell(found.notes)
  local release =
    interrupts.take { sigint = interrupts.ender(session, exit_status.INTERRUPTED) }
  status, message = show(session, found, wanted, options)
  release()
  return status, message
end

---@param options table
---@return integer status
---@return string? message
function stat.main(options)
  local wanted, wrong = numbers(options)
  if not wanted then return exit_status.USAGE, wrong end
  return with_session({ on_record = report.new { level = "quiet" } }, run, options, wanted)
end

return stat
