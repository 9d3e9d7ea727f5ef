-- SPDX-License-Identifier: MIT
-- The report: records as lines for people, or as JSON.
local uv = require "luv"
local format = require "watchio.base.format"
local measures = require "watchio.base.measures"
local writer = require "watchio.base.writer"

local report = {}

-- What a quiet report leaves out: all that goes as it should.
local hidden_when_quiet = {
  start = true,
  active = true,
  waiting = true,
  idle = true,
  exit = true,
  leave = true,
  readable = true,
  run = true,
  skip = true,
  kill = true,
  killed = true,
  log = true,
  reload = true,
  noise = true,
  signal = true,
  stop = true,
  cont = true,
  throttle = true,
  nice = true,
  ionice = true,
  under = true,
  output = true,
  notify = true,
}

local colours = {
  active = 32,
  idle = 33,
  kill = 31,
  killed = 31,
  error = 31,
  refused = 31,
  unreadable = 31,
  missing = 31,
  waiting = 33,
  spared = 36,
  signal = 31,
  stop = 33,
  throttle = 33,
  cont = 32,
  over = 31,
  under = 32,
  run = 34,
  done = 34,
}

-- Counters are integers and stay exact; the order is that of the manual, also within tables.
local KEY_ORDER = {
  "time",
  "event",
  "watch",
  "target",
  "state",
  "why",
  "waits_for",
  "io",
  "net",
  "rchar",
  "wchar",
  "syscr",
  "syscw",
  "read_bytes",
  "write_bytes",
  "cancelled_write_bytes",
  "net_rx",
  "net_tx",
  "cpu",
  "idle_for",
  "measure",
  "limit",
  "rate",
  "total",
  "at_least",
  "gain",
  "last",
  "calls",
  "command",
  "pid",
  "name",
  "pids",
  "status",
  "signal",
  "nice",
  "class",
  "level",
  "seconds",
  "left",
  "started",
  "seen",
  "most",
  "longest_quiet",
  "moved",
  "processes",
  "cmd",
  "reason",
  "message",
  "dry",
}

local function wall_clock() return uv.gettimeofday() end

--- RFC 3339 with milliseconds, in UTC.
---@param seconds integer
---@param microseconds integer
---@return string
function report.timestamp(seconds, microseconds)
  return os.date("!%Y-%m-%dT%H:%M:%S", seconds) .. (".%03dZ"):format(microseconds // 1000)
end

-- JSON is UTF-8: what is not is made visible.
local function as_json_value(value)
  if type(value) == "string" then return utf8.len(value) and value or format.escape(value) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = as_json_value(item)
  end
  return copy
end

--- One JSON object.
---@param record table
---@param seconds integer
---@param microseconds integer
---@return string
function report.json(record, seconds, microseconds)
  local encode = require("dkjson").encode -- only a report in JSON needs it
  local object = as_json_value(record)
  object.time = report.timestamp(seconds, microseconds)
  return encode(object, { keyorder = KEY_ORDER })
end

local function took(record)
  if not record.seconds then return ("%s (it has not ended)"):format(record.command) end
  local how = record.signal and "signal " .. record.signal
    or "status " .. tostring(record.status)
  local reason = record.reason and record.reason .. ", " or ""
  return ("%s (%s%s, %s)"):format(record.command, reason, how, format.span(record.seconds))
end

local function with_command(record)
  if not record.command then return record.reason end
  return ("%s (%s)"):format(record.command, record.reason)
end

-- By how much, over how long: a total has no rate.
local function crossed(record)
  local measure, word = record.measure, measures.word(record.measure)
  local limit = format.amount(measure, record.limit, record.rate ~= nil)
  if not record.rate then
    local total = format.amount(measure, record.total[measure], false)
    return ("%s %s (limit %s)"):format(word, total, limit)
  end
  local rate, span =
    format.amount(measure, record.rate[measure], true), format.span(record.seconds)
  return ("%s %s for %s (limit %s)"):format(word, rate, span, limit)
end

local details = {
  active = function(record, verbose)
    if record.reason then return record.reason end
    if not record.why then return "" end
    if not next(record.why) then return "in a way that no counter shows" end
    local moved = format.moved(record.why)
    return verbose and ("%s (%s)"):format(moved, format.measures(record.why)) or moved
  end,
  idle = function(record)
    if not record.idle_for then return nil end
    local last = record.last and next(record.last)
    local text = "for " .. format.span(record.idle_for)
    return last and ("%s; last activity: %s"):format(text, format.gain(record.last)) or text
  end,
  waiting = function(record)
    return ("not idle: %s (quiet for %s)"):format(record.reason, format.span(record.idle_for))
  end,
  run = function(record)
    return record.pid and ("%s (pid %d)"):format(record.command, record.pid) or record.command
  end,
  done = took,
  skip = with_command,
  kill = function(record)
    return record.reason and ("%s (%s)"):format(record.signal, record.reason) or record.signal
  end,
  killed = function(record)
    return ("%s after %s"):format(record.signal, format.span(record.seconds))
  end,
  signal = function(record) return record.signal end,
  throttle = function(record)
    local rate = format.amount(record.measure, record.limit, true)
    return ("%s more than %s, so it is stopped and continued"):format(
      measures.word(record.measure),
      rate
    )
  end,
  nice = function(record) return tostring(record.nice) end,
  ionice = function(record)
    return record.level and ("%s %d"):format(record.class, record.level) or record.class
  end,
  log = function(record) return record.message end,
  noise = function(record)
    return ("%s within %s, below its floor (idle for %s)"):format(
      format.gain(record.gain),
      format.span(record.seconds),
      format.span(record.idle_for)
    )
  end,
  status = function(record) return record.message end,
  reload = function(record) return record.message or record.reason end,
  output = function(record) return record.message end,
  notify = function(record) return record.message end,
  error = function(record) return record.reason end,
  over = crossed,
  under = crossed,
}

local LABEL_LENGTH = 24 -- what is longer, such as a spawned command, is cut in its middle

-- Whom it is about. The watch's label stands in front where it tells more than the name.
local function subject(record)
  local target, label = record.target, record.watch
  if not target then return label or "watchio" end
  local who = ("%s[%d]"):format(target.name, target.pid)
  if not label or label == target.name or label == tostring(target.pid) then return who end
  return ("%s: %s"):format(format.shorten(format.escape(label), LABEL_LENGTH), who)
end

-- Events with lines of their own: a traceback, a table. Any other is one line, whatever it holds.
local has_lines = { error = true, reload = true, status = true }

local TIME = "%H:%M:%S"

--- One line for people; a traceback takes more.
---@param record table
---@param seconds integer
---@param options { colour: boolean?, verbose: boolean?, time: string? } `time` as for os.date; ""
---for none; default: the time of the day
---@return string
function report.line(record, seconds, options)
  local detail = details[record.event]
  local text = record.reason
  if detail then text = detail(record, options.verbose) end
  local event = record.event
  local word = event
  if options.colour then word = ("\27[%dm%s\27[0m"):format(colours[event] or 0, event) end
  local time = os.date(options.time or TIME, seconds)
  local line = ("%s%s%s %s"):format(
    time,
    time == "" and "" or " ",
    format.escape(subject(record)),
    word
  )
  local shown = has_lines[event] and format.lines or format.escape
  if text and text ~= "" then line = line .. "  " .. shown(text) end
  return record.dry and line .. "  (dry run)" or line
end

--- Whether what is written to a descriptor may be coloured: on a terminal, without NO_COLOR.
---@param fd integer
---@return boolean
function report.wants_colour(fd)
  local no_colour = os.getenv("NO_COLOR")
  return (no_colour == nil or no_colour == "")
    and os.getenv("TERM") ~= "dumb"
    and uv.guess_handle(fd) == "tty"
end

-- The journal of systemd gives each line a time of its own.
local function is_journal(fd)
  local file = uv.fs_fstat(fd)
  return file and os.getenv("JOURNAL_STREAM") == ("%d:%d"):format(file.dev, file.ino)
end

--- What stands in front of a line that is written to a descriptor: who looks on knows the day, a
--- log is read months later.
---@param fd integer
---@return string format as for os.date
function report.time_format(fd)
  if is_journal(fd) then return "" end
  return uv.guess_handle(fd) == "tty" and TIME or "%Y-%m-%d " .. TIME
end

local function is_shown(options, record)
  if record.event == "reload" and record.reason then return true end
  if options.level ~= "quiet" or options.shows and options.shows[record.event] then
    return true
  end
  if record.event == "done" then return record.status ~= 0 or record.reason ~= nil end
  return not hidden_when_quiet[record.event]
end

---@class watchio.ReportOptions
---@field json? boolean
---@field level? "quiet"|"normal"|"verbose"
---@field shows? table<string, boolean> events shown whatever the level
---@field write? fun(text: string) default: standard error, with JSON standard output
---@field clock? fun(): integer, integer seconds and microseconds
---@field colour? boolean default: on a terminal, without NO_COLOR

--- Makes a function that reports records.
---@param options watchio.ReportOptions
---@return fun(record: table)
function report.new(options)
  if options.json then require "dkjson" end -- what is missing is missed at once
  local clock = options.clock or wall_clock
  local errors = writer.new(io.stderr, "standard error")
  local write = options.write
    or options.json and writer.new(io.stdout, "standard output", errors)
    or errors
  local style = {
    verbose = options.level == "verbose",
    colour = options.colour,
    time = not options.write and report.time_format(2) or nil,
  }
  if style.colour == nil then style.colour = not options.write and report.wants_colour(2) end
  return function(record)
    if not is_shown(options, record) then return end
    local seconds, microseconds = clock()
    local text = options.json and report.json(record, seconds, microseconds)
      or report.line(record, seconds, style)
    write(text .. "\n")
  end
end

return report
