-- SPDX-License-Identifier: MIT
-- The columns of top: the columns of stat, and the last minute as a line.
local shared = require "watchio.show.columns"
local sparkline = require "watchio.top.sparkline"
local measures = require "watchio.base.measures"
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"

local columns = {}

---@class watchio.TopRow : watchio.StatRow
---@field target integer
---@field minute string
---@field depth integer in the tree view

local minute = {
  name = "minute",
  title = "last minute",
  width = sparkline.WIDTH,
  is_text = true,
  rank = 4.5,
  text = function(row) return row.minute end,
}

--- In their order.
columns.all = {
  "pid",
  "user",
  "state",
  "read",
  "write",
  "disk_read",
  "disk_write",
  "calls",
  "net",
  "cpu",
  "idle",
  "minute",
  "name",
  "cmd",
}

-- All but those.
local function without(others)
  local list = {}
  for _, name in ipairs(columns.all) do
    if not tables.has(others, name) then list[#list + 1] = name end
  end
  return list
end

columns.default = without { "name" } -- it begins the command line

--- The columns that rows can be sorted by.
columns.sorts = { "activity", table.unpack(without { "minute", "cmd" }) }

--- A column by its name.
---@param name string
---@return watchio.Column?
function columns.get(name)
  if not tables.has(columns.all, name) then return nil end
  return name == "minute" and minute or shared[name]
end

--- The names in a list such as "pid,cpu,name".
---@param text string
---@return string[]? names
---@return string? message
function columns.parse(text)
  local names = {}
  for word in text:gmatch "[^,]+" do
    local name = measures.column(word)
    if not columns.get(name) then
      local hint = suggest(name, columns.all)
      if hint == "" then hint = " (want " .. table.concat(columns.all, " ") .. ")" end
      return nil, ("unknown column '%s'%s"):format(name, hint)
    end
    names[#names + 1] = name
  end
  if #names == 0 then return nil, "no column (want e.g. pid,cpu,name)" end
  return names
end

--- Whether rows can be sorted by that.
---@param name string
---@return boolean can
---@return string? hint what it is near to
function columns.can_sort(name)
  if tables.has(columns.sorts, name) then return true end
  local hint = suggest(name, columns.sorts)
  return false, hint ~= "" and hint or " (want " .. table.concat(columns.sorts, " ") .. ")"
end

--- The columns for which there is room.
---@param names string[]
---@param width integer cells
---@return watchio.Column[]
function columns.fit(names, width)
  local list = {}
  for index, name in ipairs(names) do
    list[index] = columns.get(name)
  end
  return shared.fit(list, width)
end

columns.cells = shared.cells
columns.colours = shared.colours

return columns
