-- SPDX-License-Identifier: MIT
-- The lines of exec for people: one function for each event, from its record to its lines.
local format = require "watchio.base.format"

local function who(record)
  local target = record.target
  return target and ("%s[%d]"):format(format.escape(target.name), target.pid) or "the command"
end

local why = {
  idle = function(record) return ("no activity for %s"):format(format.span(record.idle_for)) end,
  max = function(record) return ("it ran for %s"):format(format.span(record.seconds)) end,
}

local SLACK = 0.5 -- seconds that can pass until the command is seen

local function last_moved(record)
  local ago = format.span(record.idle_for)
  if record.moved then
    return ("last active %s ago: %s"):format(ago, format.gain(record.moved))
  end
  local always = record.seconds - record.idle_for < SLACK
  return always and "no activity since it was first seen"
    or ("last active %s ago, in a way that no counter shows"):format(ago)
end

local function amount(bytes) return bytes and format.bytes(bytes) or "unknown" end

local function calls(count)
  if not count then return "" end
  return (" in %d %s"):format(count, count == 1 and "call" or "calls")
end

-- The number of cores: CPU time divided by time.
local function time_of(record)
  local cpu = record.total.cpu
  local cores = record.seconds > 0 and cpu / record.seconds or 0
  return ("%s, cpu %s (%.2f cores)"):format(
    format.span(record.seconds),
    format.run_time(cpu),
    cores
  )
end

local function processes_of(record)
  local left = record.left > 0 and (", %d still there"):format(record.left) or ""
  local number = record.started and record.started .. " started" or record.seen .. " seen"
  return ("%s, at most %d seen at once%s"):format(number, record.most, left)
end

local function net_of(total)
  if not total.net_rx then return "unknown" end
  return ("received %s, sent %s"):format(amount(total.net_rx), amount(total.net_tx))
end

local function ended_with(record)
  if record.signal then return ("signal %s"):format(record.signal) end
  return ("status %d"):format(record.status)
end

local function lines(list) return table.concat(list, "\n") .. "\n" end

local text = {}

-- A limit was reached: the processes, and what moved last.
function text.limit(record)
  local list = {
    ("watchio: %s: %s, so it is ended"):format(
      format.escape(record.command),
      why[record.reason](record)
    ),
  }
  for _, process in ipairs(record.processes) do
    list[#list + 1] = ("watchio:   %d %s  %s"):format(
      process.pid,
      format.escape(process.name),
      format.escape(process.cmd)
    )
  end
  list[#list + 1] = "watchio:   " .. last_moved(record)
  return lines(list)
end

function text.killed(record)
  return ("watchio: ended by %s after %s\n"):format(record.signal, format.span(record.seconds))
end

function text.refused(record)
  return ("watchio: %s cannot be ended: %s\n"):format(who(record), format.escape(record.reason))
end

text.error = function(record) return ("watchio: %s\n"):format(format.lines(record.reason)) end

function text.unreadable(record)
  return ("watchio: %s: %s; until it can be read, the command is not taken for idle\n"):format(
    who(record),
    format.escape(record.reason)
  )
end

function text.summary(record)
  local total, least = record.total, record.at_least and "at least " or ""
  return lines {
    ("watchio: %s (%s)"):format(format.escape(record.command), ended_with(record)),
    "  time       " .. time_of(record),
    ("  read       %s%s%s, %s from devices"):format(
      least,
      amount(total.rchar),
      calls(total.syscr),
      amount(total.read_bytes)
    ),
    ("  written    %s%s%s, %s to devices"):format(
      least,
      amount(total.wchar),
      calls(total.syscw),
      amount(total.write_bytes)
    ),
    "  net        " .. net_of(total),
    "  processes  " .. processes_of(record),
    ("  quiet      %s at the longest"):format(format.span(record.longest_quiet)),
  }
end

return text
