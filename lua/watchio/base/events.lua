-- SPDX-License-Identifier: MIT
-- The one table of events: a row for each kind that a session reports, from the engine or from an
-- action. It says what a report shows, which handlers a watch has, and which event is the last of a
-- target.
local format = require "watchio.base.format"
local measures = require "watchio.base.measures"
local tables = require "watchio.base.tables"

---@class watchio.EventKind
---@field name string
---@field handler? string the key of a watch that takes it
---@field last? string nothing comes after it: the state of its target from then on
---@field reason? string where the event has none of its own
---@field colour? integer of its name on a terminal, as ANSI numbers them
---@field quiet? boolean|fun(record: table): boolean it goes as it should: a quiet report has it not
---@field lines? boolean its detail has lines; that of any other is one line, whatever it holds
---@field detail? fun(record: table, verbose: boolean?): string? for people; else the reason

local RED <const>, GREEN <const>, YELLOW <const>, BLUE <const>, CYAN <const> =
  31, 32, 33, 34, 36

local function message_of(record) return record.message end

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

-- How much, over how long. A total has no rate.
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

local function why_active(record, verbose)
  if record.reason then return record.reason end
  if not record.why then return "" end
  if not next(record.why) then return "in a way that no counter shows" end
  local moved = format.moved(record.why)
  return verbose and ("%s (%s)"):format(moved, format.measures(record.why)) or moved
end

local function how_long_idle(record)
  if not record.idle_for then return nil end
  local last = record.last and next(record.last)
  local text = "for " .. format.span(record.idle_for)
  return last and ("%s; last activity: %s"):format(text, format.gain(record.last)) or text
end

-- Events of a target, from the engine. The handlers of a watch stand in this order.
local of_targets = {
  { name = "start", handler = "on_start", quiet = true },
  {
    name = "active",
    handler = "on_active",
    colour = GREEN,
    quiet = true,
    detail = why_active,
  },
  { name = "idle", handler = "on_idle", colour = YELLOW, quiet = true, detail = how_long_idle },
  { name = "exit", handler = "on_exit", last = "exited", quiet = true },
  {
    name = "leave",
    handler = "on_leave",
    last = "left",
    quiet = true,
    reason = "it is another program, name or user now",
  },
  { name = "unreadable", handler = "on_unreadable", colour = RED },
  { name = "sample", handler = "on_sample" },
  { name = "error", handler = "on_error", colour = RED, lines = true },
  { name = "over", colour = RED, detail = crossed },
  { name = "under", colour = GREEN, quiet = true, detail = crossed },
  { name = "readable", quiet = true },
  { name = "missing", colour = RED },
  {
    name = "waiting",
    colour = YELLOW,
    quiet = true,
    detail = function(record)
      return ("not idle: %s (quiet for %s)"):format(record.reason, format.span(record.idle_for))
    end,
  },
  {
    name = "noise",
    quiet = true,
    detail = function(record)
      return ("%s within %s, below its floor (idle for %s)"):format(
        format.gain(record.gain),
        format.span(record.seconds),
        format.span(record.idle_for)
      )
    end,
  },
}

-- Events of actions.
local of_actions = {
  {
    name = "run",
    colour = BLUE,
    quiet = true,
    detail = function(record)
      return record.pid and ("%s (pid %d)"):format(record.command, record.pid) or record.command
    end,
  },
  {
    name = "done",
    colour = BLUE,
    quiet = function(record) return record.status == 0 and not record.reason end,
    detail = took,
  },
  { name = "output", quiet = true, detail = message_of },
  { name = "skip", quiet = true, detail = with_command },
  {
    name = "kill",
    colour = RED,
    quiet = true,
    detail = function(record)
      return record.reason and ("%s (%s)"):format(record.signal, record.reason) or record.signal
    end,
  },
  {
    name = "killed",
    colour = RED,
    quiet = true,
    detail = function(record)
      return ("%s after %s"):format(record.signal, format.span(record.seconds))
    end,
  },
  { name = "spared", colour = CYAN },
  { name = "refused", colour = RED },
  {
    name = "signal",
    colour = RED,
    quiet = true,
    detail = function(record) return record.signal end,
  },
  { name = "stop", colour = YELLOW, quiet = true },
  { name = "cont", colour = GREEN, quiet = true },
  {
    name = "throttle",
    colour = YELLOW,
    quiet = true,
    detail = function(record)
      return ("%s more than %s, so it is stopped and continued"):format(
        measures.word(record.measure),
        format.amount(record.measure, record.limit, true)
      )
    end,
  },
  { name = "nice", quiet = true, detail = function(record) return tostring(record.nice) end },
  {
    name = "ionice",
    quiet = true,
    detail = function(record)
      return record.level and ("%s %d"):format(record.class, record.level) or record.class
    end,
  },
  { name = "log", quiet = true, detail = message_of },
  { name = "notify", quiet = true, detail = message_of },
  { name = "quit" },
}

-- Events of watchio itself; `limit` and `summary` come from exec.
local of_watchio = {
  { name = "late" },
  { name = "limit" },
  {
    name = "reload",
    lines = true,
    quiet = function(record) return not record.reason end,
    detail = function(record) return record.message or record.reason end,
  },
  { name = "status", lines = true, detail = message_of },
  { name = "summary" },
}

local by_name, handlers = {}, {}
for _, list in ipairs { of_targets, of_actions, of_watchio } do
  for _, kind in ipairs(list) do
    by_name[kind.name] = kind
    handlers[#handlers + 1] = kind.handler
  end
end

local UNTOLD = {} -- the row of what a session never tells

local events = {}

--- The keys of a watch that handle an event, in the order of the manual.
---@type string[]
events.handlers = handlers

--- All names, in order.
---@return string[]
function events.names() return tables.keys(by_name) end

--- The row of an event; an empty row for an event that a session never reports.
---@param name string
---@return watchio.EventKind
function events.of(name) return by_name[name] or UNTOLD end

return events
