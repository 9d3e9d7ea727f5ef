-- SPDX-License-Identifier: MIT
-- The report: records as lines for people, or as JSON.
local uv = require "luv"
local events = require "watchio.base.events"
local format = require "watchio.base.format"
local style = require "watchio.show.style"
local writer = require "watchio.base.writer"

local report = {}

-- Counters are integers and stay exact. All keys stand in the order of the manual.
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

-- Fields that are measures by their names. Without one they would be taken for an empty list.
local MEASURES = {}
for _, key in ipairs {
  "rate",
  "total",
  "gain",
  "last",
  "most",
  "moved",
  "why",
  "io",
  "net",
  "cpu",
} do
  MEASURES[key] = { __jsontype = "object" }
end

-- JSON is UTF-8: other bytes are made visible.
local function as_json_value(value, metatable)
  if type(value) == "string" then return utf8.len(value) and value or format.escape(value) end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, metatable)
  for key, item in pairs(value) do
    copy[key] = as_json_value(item, MEASURES[key])
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

local LABEL_LENGTH = 24 -- what is longer, such as a spawned command, is cut in its middle

-- The target of a record. The watch's label stands in front if it tells more than the name.
local function subject(record)
  local target, label = record.target, record.watch
  if not target then return label or "watchio" end
  local who = ("%s[%d]"):format(target.name, target.pid)
  if not label or label == target.name or label == tostring(target.pid) then return who end
  return ("%s: %s"):format(format.shorten(format.escape(label), LABEL_LENGTH), who)
end

local TIME = "%H:%M:%S"

--- One line for people; a traceback takes more.
---@param record table
---@param seconds integer
---@param options { colour: boolean?, verbose: boolean?, time: string? } `time` as for os.date; ""
---for none; default: the time of the day
---@return string
function report.line(record, seconds, options)
  local kind = events.of(record.event)
  local text = record.reason
  if kind.detail then text = kind.detail(record, options.verbose) end
  local word = record.event
  if options.colour then word = style.painted(word, kind.colour) end
  local time = os.date(options.time or TIME, seconds)
  local line = ("%s%s%s %s"):format(
    time,
    time == "" and "" or " ",
    format.escape(subject(record)),
    word
  )
  local shown = kind.lines and format.lines or format.escape
  if text and text ~= "" then line = line .. "  " .. shown(text) end
  return record.dry and line .. "  (dry run)" or line
end

-- Whether the journal of systemd reads a descriptor. It gives each line a time of its own.
local function is_journal(fd)
  local file = uv.fs_fstat(fd)
  return file and os.getenv("JOURNAL_STREAM") == ("%d:%d"):format(file.dev, file.ino)
end

--- The format of the time at the start of a line for a descriptor. A person at a terminal knows the
--- day; a log is read months later.
---@param fd integer
---@return string format as for os.date
function report.time_format(fd)
  if is_journal(fd) then return "" end
  return uv.guess_handle(fd) == "tty" and TIME or "%Y-%m-%d " .. TIME
end

local function is_shown(options, record)
  if options.level ~= "quiet" or options.shows and options.shows[record.event] then
    return true
  end
  local quiet = events.of(record.event).quiet
  if type(quiet) == "function" then return not quiet(record) end
  return not quiet
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
  local looks = {
    verbose = options.level == "verbose",
    colour = options.colour,
    time = not options.write and report.time_format(2) or nil,
  }
  if looks.colour == nil then looks.colour = not options.write and style.wants_colour(2) end
  return function(record)
    if not is_shown(options, record) then return end
    local seconds, microseconds = clock()
    local text = options.json and report.json(record, seconds, microseconds)
      or report.line(record, seconds, looks)
    write(text .. "\n")
  end
end

return report
