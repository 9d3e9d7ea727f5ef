-- SPDX-License-Identifier: MIT
-- The words for what is measured: the same on the command line, in policies and in messages for
-- people. The kernel's names, which JSON and CSV have, and the heads of old tables mean the same.
local native = require "watchio.native"
local suggest = require "watchio.base.suggest"

local measures = {}

-- Word, the counter that it is (one of native.measures), other words for it.
local TABLE = {
  { "read", "rchar" },
  { "write", "wchar" },
  { "read_calls", "syscr" },
  { "write_calls", "syscw" },
  { "disk_read", "read_bytes", "disk-r" },
  { "disk_write", "write_bytes", "disk-w" },
  { "disk_cancelled", "cancelled_write_bytes" },
  { "net_rx", "net_rx" },
  { "net_tx", "net_tx" },
  { "cpu", "cpu" },
}

-- Columns that are a sum, and the heads of columns with their units.
local COLUMNS = {
  read_calls = "calls",
  write_calls = "calls",
  net_rx = "net",
  net_tx = "net",
  ["read/s"] = "read",
  ["write/s"] = "write",
  ["calls/s"] = "calls",
  ["net/s"] = "net",
  ["cpu%"] = "cpu",
  command = "cmd",
}

-- What people type that is no single measure.
local HINTS = {
  io = "want read, write, disk_read or disk_write",
  calls = "want read_calls or write_calls",
  net = "want net_rx or net_tx",
  memory = "memory is not measured",
  mem = "memory is not measured",
  rss = "memory is not measured",
}

-- The floor in which a measure is counted.
local FLOORS = {
  read = "io",
  write = "io",
  disk_read = "io",
  disk_write = "io",
  disk_cancelled = "io",
  read_calls = "calls",
  write_calls = "calls",
  net_rx = "net",
  net_tx = "net",
  cpu = "cpu",
}

local counters, words, all = {}, {}, {}
for index, row in ipairs(TABLE) do
  all[index] = row[1]
  words[row[2]] = row[1]
  for _, name in ipairs(row) do
    counters[name] = row[2]
  end
end

--- Every name of a measure → the counter that it is.
measures.counters = counters

--- All words, in the order of the counters.
measures.words = all

--- The counter that a word is, by whichever of its names.
---@param name any
---@return string? counter one of native.measures
function measures.counter(name) return counters[name] end

--- The word for a counter.
---@param counter string one of native.measures
---@return string
function measures.word(counter) return words[counter] end

--- The column of stat and top that shows a measure.
---@param name string
---@return string column `name` itself when it is no other word for one
function measures.column(name)
  local word = words[counters[name]] or name
  return COLUMNS[word] or word
end

--- The floor in which a measure is counted.
---@param name any
---@return string? floor
function measures.floor(name) return FLOORS[words[counters[name]]] end

--- What to say of a name that is no measure.
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
