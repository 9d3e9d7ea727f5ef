-- SPDX-License-Identifier: MIT
-- The lines of `watchio stat`: for people, as CSV, as JSON. Each maker returns a function that
-- turns a row into text.
local columns = require "watchio.show.columns"
local format = require "watchio.base.format"
local native = require "watchio.native"
local report = require "watchio.show.report"
local style = require "watchio.show.style"

local stat_lines = {}

local SHOWN = columns.named {
  "time",
  "pid",
  "state",
  "read",
  "write",
  "disk_read",
  "disk_write",
  "calls",
  "net",
  "cpu",
  "idle",
  "name",
}
local STATE_COLUMN <const> = columns.state

-- Seconds and microseconds, as the clock gave them.
local function parts(time) return math.floor(time), math.floor(time % 1 * 1e6) end

local function join(list, padded, colour)
  for index, each in ipairs(list) do
    if each == STATE_COLUMN and colour and padded[index] then
      padded[index] = style.painted(padded[index], colour)
    end
  end
  return (table.concat(padded, " "):gsub(" +$", "")) .. "\n"
end

---@class watchio.Screen what lines are written to
---@field size fun(): integer?, integer? columns and rows; nil where nothing bounds them
---@field colour? boolean

--- For people: a header, again after every screenful, and one line a row, cut at the width.
---@param screen watchio.Screen
---@return fun(row: watchio.SampleRow): string
function stat_lines.people(screen)
  local width_before, below = nil, nil
  return function(row)
    local width, height = screen.size()
    local list = width and columns.fit(SHOWN, width) or SHOWN
    local text = ""
    if not below or width ~= width_before or height and below >= height - 2 then
      text, below, width_before = join(list, columns.titles(list, width)), 0, width
    end
    below = below + 1
    local texts = {}
    for index, each in ipairs(list) do
      texts[index] = each.text(row)
    end
    local colour = screen.colour and columns.colours[row.state]
    return text .. join(list, columns.cells(list, texts, width), colour)
  end
end

local FIELDS = { "time", "event", "pid", "name", "processes", "state", "idle_for", "seconds" }
for _, group in ipairs { "rate", "total" } do
  for _, measure in ipairs(native.measures) do
    FIELDS[#FIELDS + 1] = group .. "_" .. measure
  end
end

local function quoted(text)
  return text:find '[",\r\n]' and '"' .. text:gsub('"', '""') .. '"' or text
end

local function decimal(value)
  if math.type(value) == "float" then return ("%.6f"):format(value) end
  return value and tostring(value) or ""
end

--- As CSV (RFC 4180): a header first; an unknown value is an empty field.
---@return fun(row: watchio.SampleRow): string
function stat_lines.csv()
  local head = table.concat(FIELDS, ",") .. "\r\n"
  return function(row)
    local fields = {
      report.timestamp(parts(row.time)),
      row.event,
      tostring(row.pid),
      quoted(format.escape(row.name)),
      tostring(#row.pids),
      row.state,
      decimal(row.idle_for),
      decimal(row.seconds),
    }
    for _, group in ipairs { "rate", "total" } do
      for _, measure in ipairs(native.measures) do
        fields[#fields + 1] = decimal(row[group][measure])
      end
    end
    local text = head .. table.concat(fields, ",") .. "\r\n"
    head = ""
    return text
  end
end

--- As JSON: one object a line; unknown values are left out.
---@return fun(row: watchio.SampleRow): string
function stat_lines.json()
  return function(row)
    return report.json({
      event = row.event,
      target = { pid = row.pid, name = row.name, pids = row.pids },
      state = row.state,
      idle_for = row.idle_for,
      seconds = row.seconds,
      rate = row.rate,
      total = row.total,
      at_least = row.at_least,
    }, parts(row.time)) .. "\n"
  end
end

return stat_lines
