-- SPDX-License-Identifier: MIT
-- The columns that `stat` and `top` show of a target.
local cells = require "watchio.show.cells"
local events = require "watchio.base.events"
local format = require "watchio.base.format"
local measures = require "watchio.base.measures"
local style = require "watchio.show.style"

local columns = {}

---@class watchio.StatRow one target at one look
---@field time number seconds since the epoch
---@field pid integer of its first process
---@field name string
---@field user? string
---@field cmd? string the command line
---@field state string "quiet", "active", "idle", "unknown"; at its end "exited" or "left"
---@field idle_for? number seconds; nil when that is not known
---@field rate table<string, number> measures a second, of the kinds that are known
---@field blind? boolean something of it may not be read

---@class watchio.Column
---@field name string what it is called by on the command line
---@field title string
---@field width integer cells; of the last column of a line: at least
---@field is_text? boolean it stands to the left; numbers stand to the right
---@field rank? integer where there is no room, the highest goes first; without it never
---@field value? fun(row: watchio.StatRow): number|string|nil nil: it is not known; default: the
---rate of what the column measures
---@field text fun(row: watchio.StatRow): string for people; "?": it may not be read, "…": it is not
---measured

local UNREADABLE <const> = "?"

-- The rate of a measure, or the sum of two.
local function rate_of(name)
  local first, second = table.unpack(measures.in_column(name))
  return function(row)
    local a, b = row.rate[first], second and row.rate[second] or 0
    return a and b and a + b
  end
end

-- "3.1kB": a single word, so that other programs can split the columns.
local function bytes(value)
  return (format.bytes(math.floor(value + 0.5)):gsub(" B?$", ""):gsub(" ", ""))
end

local function count(value)
  if value > 0 and value < 9.95 then return ("%.1f"):format(value) end
  if value < 99999.5 then return ("%.0f"):format(value) end
  return bytes(value):gsub("B$", "")
end

local function percent(value) return ("%.1f"):format(value) end

local function column(of)
  local text = of.text
  of.value = of.value or rate_of(of.name)
  function of.text(row)
    local known = of.value(row)
    if known then return text(known) end
    return row.blind and UNREADABLE or cells.UNMEASURED
  end
  columns[#columns + 1], columns[of.name] = of, of
end

local function field(name)
  return function(row) return row[name] end
end

column {
  name = "time",
  title = "time",
  width = 8,
  is_text = true,
  rank = 8,
  value = field "time",
  text = function(time) return os.date("%H:%M:%S", math.floor(time)) end,
}
column { name = "pid", title = "pid", width = 7, value = field "pid", text = tostring }
column {
  name = "user",
  title = "user",
  width = 8,
  is_text = true,
  rank = 5,
  value = field "user",
  text = tostring,
}
column {
  name = "state",
  title = "state",
  width = 7,
  is_text = true,
  rank = 3,
  value = field "state",
  text = tostring,
}
column { name = "read", title = "read/s", width = 6, rank = 1, text = bytes }
column {
  name = "write",
  title = "write/s",
  width = 7,
  rank = 1,
  text = bytes,
}
column {
  name = "disk_read",
  title = "disk_read",
  width = 9,
  rank = 7,
  text = bytes,
}
column {
  name = "disk_write",
  title = "disk_write",
  width = 10,
  rank = 7,
  text = bytes,
}
column {
  name = "calls",
  title = "calls/s",
  width = 7,
  rank = 9,
  text = count,
}
column {
  name = "net",
  title = "net/s",
  width = 5,
  rank = 6,
  text = bytes,
}
column {
  name = "cpu",
  title = "cpu%",
  width = 5,
  rank = 2,
  text = percent,
  value = function(row) return row.rate.cpu and row.rate.cpu * 100 end,
}
column {
  name = "idle",
  title = "idle",
  width = 6,
  rank = 4,
  value = field "idle_for",
  text = format.short_span,
}
column {
  name = "name",
  title = "name",
  width = 8,
  is_text = true,
  value = field "name",
  text = tostring,
}
column {
  name = "cmd",
  title = "command",
  width = 12,
  is_text = true,
  value = field "cmd",
  text = tostring,
}

--- The colour of each state, as in a terminal's SGR sequence.
columns.colours = {
  active = events.of("active").colour,
  idle = events.of("idle").colour,
  unknown = events.of("unreadable").colour,
  [events.of("exit").last] = style.DIM,
  [events.of("leave").last] = style.DIM,
}

--- The columns with the given names.
---@param names string[]
---@return watchio.Column[]
function columns.named(names)
  local list = {}
  for index, name in ipairs(names) do
    list[index] = assert(columns[name], name)
  end
  return list
end

local function width_of(list)
  local width = #list - 1 -- a blank between two
  for _, each in ipairs(list) do
    width = width + each.width
  end
  return width
end

local function highest_rank(list)
  local highest
  for _, each in ipairs(list) do
    if each.rank and each.rank > (highest or 0) then highest = each.rank end
  end
  return highest
end

--- The columns for which there is room.
---@param list watchio.Column[]
---@param width integer cells of a line
---@return watchio.Column[]
function columns.fit(list, width)
  local highest = highest_rank(list)
  if width_of(list) <= width or not highest then return list end
  local fewer = {}
  for _, each in ipairs(list) do
    if each.rank ~= highest then fewer[#fewer + 1] = each end
  end
  return columns.fit(fewer, width)
end

--- One line of cells, padded to their columns. The last cell is cut at the width; without a width
--- it takes as much as it needs.
---@param list watchio.Column[]
---@param texts string[] one a column
---@param width? integer cells of the line
---@param ascii? boolean as in cells.cut
---@return string[] padded join them with a blank
function columns.cells(list, texts, width, ascii)
  local padded, left = {}, width
  for index, each in ipairs(list) do
    local room = each.width
    if index == #list then
      room = left or math.max(1, cells.width(format.escape(texts[index])))
    end
    room = math.min(room, left or room)
    if room < 1 then break end
    padded[index] = cells.pad(texts[index], room, not each.is_text, ascii)
    left = left and left - room - 1
  end
  return padded
end

--- The titles, as cells.
---@param list watchio.Column[]
---@param width? integer
---@return string[]
function columns.titles(list, width)
  local texts = {}
  for index, each in ipairs(list) do
    texts[index] = each.title
  end
  return columns.cells(list, texts, width)
end

return columns
