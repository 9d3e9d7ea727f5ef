-- watchio stat: one line per target and interval.
local uv = require "luv"
local durations = require "watchio.cli.durations"
local interrupts = require "watchio.cli.interrupts"
local kinds = require "watchio.kinds"
local lines = require "watchio.cli.stat_lines"
local native = require "watchio.native"
local output = require "watchio.cli.output"
local report = require "watchio.report"
local samples = require "watchio.samples"
local session = require "watchio.session"
local targets = require "watchio.cli.targets"
local writer = require "watchio.writer"

local stat = {}

stat.about = "Show what the TARGETs do: one line for each of them and interval, and a last one "
  .. "when it has ended."

stat.only_reads = true

stat.examples = {
  "watchio stat nginx postgres",
  "watchio stat user=www-data --per name --every 10s --csv > www.csv",
}

local USAGE, NOT_PERMITTED, INTERRUPTED = 2, 4, 130
local MILLISECOND = 1000000
local STDOUT <const> = 1

function stat.define(parser)
  targets.define(parser)
  parser:option("--every", "The interval, at least 10ms."):default("1s"):argname("DURATION")
  parser:option("--count", "How many intervals; default for ever."):argname("N")
  parser:option("--idle", "How long it has been quiet until its state is idle."):default("60s")
    :argname("DURATION")
  targets.define_per(parser)
  parser:mutex(
    parser:flag("--json", "One JSON object a line."),
    parser:flag("--csv", "Comma-separated values, with a header.")
  )
  parser:epilog [[
Columns, all a second: read/s, write/s: bytes through calls, from the cache as
well. disk-r, disk-w: bytes of the device. calls/s: reads and writes. net/s:
bytes of TCP connections. cpu%: of one core. idle: quiet since then. "?" is not
known. A narrow terminal shows fewer; CSV and JSON hold all.

Exit status: 0 done, 2 usage, 3 no process matches, 4 nothing of it can be
read, 130 interrupted.]]
end

-- A whole number of intervals.
local function count_of(text)
  local count = math.tointeger(tonumber(text))
  if count and count >= 1 and text:find "^%d+$" then return count end
  return nil, ('--count: bad number "%s" (want a whole number from 1)'):format(text)
end

local function numbers(options)
  local found, message = durations(options, {
    { "every", kinds.duration(10 * MILLISECOND) }, { "idle", kinds.duration() },
  })
  if not found or not options.count then return found, message end
  found.count, message = count_of(options.count)
  return not message and found or nil, message
end

local function terminal_size()
  local width, height = native.terminal_size(STDOUT)
  if not width or width == 0 then return nil end
  return width, height > 0 and height or nil
end

local function line_maker(options)
  if options.json then return lines.json() end
  if options.csv then return lines.csv() end
  return lines.people { size = terminal_size, colour = report.wants_colour(STDOUT) }
end

-- Shows rows until the count is reached, nothing can come any more, or the output has broken.
local function show(own, found, wanted, options)
  local line, rounds = line_maker(options), 0
  local seen, readable, done = false, false, false
  samples.start(own, found.native, {
    per = options.per, every_ns = wanted.every, idle_ns = wanted.idle, clock = uv.gettimeofday,
  }, function(row)
    if done then return end
    seen, readable = true, readable or row.rate.rchar ~= nil
    done = not output.write(line(row))
  end, function()
    rounds = rounds + 1
    done = done or rounds == wanted.count
  end)
  own:run_until(function() return done or own.finishing or #own.rules == 0 end)
  if own.finishing then return own.status end
  own:finish(function() end)
  if seen and not readable then return NOT_PERMITTED, "none of it can be read" end
  return 0
end

---@param options table
---@return integer status
---@return string? message
function stat.main(options)
  local wanted, wrong = numbers(options)
  if not wanted then return USAGE, wrong end
  local own = session.new { on_record = report.new { level = "quiet" } }
  local found, status, message = targets.find(own, options.targets, options.per)
  if found then
    targets.tell(found.notes)
    local release = interrupts.take { sigint = interrupts.ender(own, INTERRUPTED) }
    status, message = show(own, found, wanted, options)
    release()
  end
  own:close()
  writer.finish()
  uv.run("nowait") -- lets the closed handles go
  return status, message
end

return stat
