-- SPDX-License-Identifier: MIT
-- The words for measures: the same on the command line, in policies and in messages for people. The
-- kernel's names, which JSON and CSV use, and the column heads of earlier versions mean the same.
local native = require "watchio.native"
local suggest = require "watchio.base.suggest"
local units = require "watchio.base.units"

local measures = {}

-- The word, its counter (one of native.measures), its floor, the column that shows it if that has
-- another name, and another word for it.
local TABLE = {
  { word = "read", counter = "rchar", floor = "io" },
  { word = "write", counter = "wchar", floor = "io" },
  { word = "read_calls", counter = "syscr", floor = "calls", column = "calls" },
  { word = "write_calls", counter = "syscw", floor = "calls", column = "calls" },
  { word = "disk_read", counter = "read_bytes", floor = "io", also = "disk-r" },
  { word = "disk_write", counter = "write_bytes", floor = "io", also = "disk-w" },
  { word = "disk_cancelled", counter = "cancelled_write_bytes", floor = "io" },
  { word = "net_rx", counter = "net_rx", floor = "net", column = "net" },
  { word = "net_tx", counter = "net_tx", floor = "net", column = "net" },
  { word = "cpu", counter = "cpu", floor = "cpu" },
}

-- The heads of columns with their units, and the heads of earlier versions.
local HEADS = {
  ["read/s"] = "read",
  ["write/s"] = "write",
  ["calls/s"] = "calls",
  ["net/s"] = "net",
  ["cpu%"] = "cpu",
  command = "cmd",
}

-- Words that people type for several measures.
local HINTS = {
  io = "want read, write, disk_read or disk_write",
  calls = "want read_calls or write_calls",
  net = "want net_rx or net_tx",
  memory = "memory is not measured",
  mem = "memory is not measured",
  rss = "memory is not measured",
}

local counters, by_counter, by_column, all = {}, {}, {}, {}
for index, row in ipairs(TABLE) do
  all[index] = row.word
  by_counter[row.counter] = row
  local column = row.column or row.word
  by_column[column] = by_column[column] or {}
  table.insert(by_column[column], row.counter)
  for _, name in ipairs { row.word, row.counter, row.also } do
    counters[name] = row.counter
  end
end

local function row_of(name) return by_counter[counters[name]] end

--- Every name of a measure → its counter.
measures.counters = counters

--- The kinds of activity.
measures.kinds = { "io", "net", "cpu" }

--- All words, in the order of the counters.
measures.words = all

--- The counter of a measure, by any of its names.
---@param name any
---@return string? counter one of native.measures
function measures.counter(name) return counters[name] end

--- The word for a counter.
---@param counter string one of native.measures
---@return string
function measures.word(counter)
  local row = by_counter[counter]
  return row and row.word
end

--- The column of stat and top that shows a measure.
---@param name string
---@return string column `name` itself when it is no other word for one
function measures.column(name)
  local row = row_of(name)
  return row and (row.column or row.word) or HEADS[name] or name
end

--- The counters that a column adds up.
---@param column string
---@return string[]? counters nil where it shows no measure
function measures.in_column(column) return by_column[column] end

--- The floor of a measure.
---@param name any
---@return string? floor
function measures.floor(name)
  local row = row_of(name)
  return row and row.floor
end

--- The gain of each measure, per second.
---@param moved table<string, number> counter → amount
---@param ns integer in which it did
---@param into? table<string, number> takes the rates, too
---@return table<string, number>
function measures.rate(moved, ns, into)
  local rate, seconds = into or {}, ns / units.SECOND
  for counter, amount in pairs(moved) do
    rate[counter] = amount / seconds
  end
  return rate
end

--- The message for a name that is no measure.
---@param name any
---@return string
function measures.unknown(name)
  local known = { table.unpack(all) }
  table.move(native.measures, 1, #native.measures, #known + 1, known)
  local hint = HINTS[name] and (" (%s)"):format(HINTS[name]) or suggest(name, known)
  return ("unknown measure '%s'%s; measures are %s"):format(
    tostring(name),
    hint,
    table.concat(all, " ")
  )
end

return measures
