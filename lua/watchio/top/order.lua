-- SPDX-License-Identifier: MIT
-- The order of the rows: filtered, sorted, and in the tree view each below its parent.
local units = require "watchio.base.units"

local MILLISECOND = units.MILLISECOND

local order = {}

---@class watchio.Survey all targets at one look, in columns: index i of each is the same target
---@field count integer
---@field target integer[]
---@field pid integer[]
---@field ppid integer[] for the tree view
---@field name string[]
---@field idle_for_ns integer[]
---@field busy (number|false)[] how active each was; false: nothing of it is known
---@field value? (number|string|false)[] of the column that is sorted by; false: not known
---@field text? fun(index: integer): string what the filter looks into, in lower case

-- Thousands of rows are sorted each second, and Lua sorts plain integers many times faster than
-- with a comparing function. So a key holds the value, then the place, which also keeps equal rows
-- in their order.
local PLACE_BITS = 20
local PLACES = (1 << PLACE_BITS) - 1
local HIGHEST = (1 << (62 - PLACE_BITS)) - 1
local PARTS = 1024 -- of one, that are told apart

local function quantum(value)
  local parts = value * PARTS
  return parts < HIGHEST and math.floor(parts) or HIGHEST
end

-- Active rows first, the most active at the top. Then the unknown rows, and then the quiet rows,
-- the latest active at the top.
local function busy_key(survey)
  local middle = HIGHEST // 2
  local busy, idle_for_ns = survey.busy, survey.idle_for_ns
  return function(index)
    local activity = busy[index]
    if not activity then return middle end
    if activity > 0 then return middle + 1 + math.min(quantum(activity * PARTS), middle) end
    return middle - 1 - math.min(idle_for_ns[index] // MILLISECOND, middle - 1)
  end
end

local function value_key(survey, ascending)
  local values = survey.value
  return function(index)
    local value = values[index]
    if not value then return -1 end -- whatever the direction, at the end
    return ascending and HIGHEST - quantum(value) or quantum(value)
  end
end

local function by_number(list, key)
  local keys = {}
  for place, index in ipairs(list) do
    keys[place] = -key(index) << PLACE_BITS | index
  end
  table.sort(keys)
  for place, packed in ipairs(keys) do
    list[place] = packed & PLACES
  end
  return list
end

local function by_text(survey, list, descending)
  local values = survey.value
  table.sort(list, function(a, b)
    local first, second = values[a], values[b]
    if first == second then return a < b end
    if not first or not second then return first and true or false end
    if descending then return first > second end
    return first < second
  end)
  return list
end

local function is_text(values)
  for _, value in ipairs(values) do
    if value then return type(value) == "string" end
  end
  return false
end

local function all_of(survey)
  local list = {}
  for index = 1, math.min(survey.count, PLACES) do
    list[index] = index
  end
  return list
end

local function sorted(survey, sort, is_reversed)
  local list = all_of(survey)
  if sort == "activity" then
    by_number(list, busy_key(survey))
    if not is_reversed then return list end
    local turned = {}
    for place, index in ipairs(list) do
      turned[#list + 1 - place] = index
    end
    return turned
  end
  if is_text(survey.value) then return by_text(survey, list, is_reversed) end
  local ascending = (sort == "pid" or sort == "idle") ~= is_reversed
  return by_number(list, value_key(survey, ascending))
end

local function filtered(survey, list, words)
  if words == "" then return list end
  local kept = {}
  words = words:lower()
  for _, index in ipairs(list) do
    if survey.text(index):find(words, 1, true) then kept[#kept + 1] = index end
  end
  return kept
end

-- Adds each row, in order, and all its ancestors, below their parents, unless they are there
-- already. So a branch stands at the place of its first row.
local function branches(survey, list)
  local by_pid, below, roots, hung = {}, {}, {}, {}
  for index = 1, survey.count do
    by_pid[survey.pid[index]] = index
  end
  for _, index in ipairs(list) do
    while index and not hung[index] do
      hung[index] = true
      local parent = by_pid[survey.ppid[index]]
      if parent == index then parent = nil end
      local siblings = parent and (below[parent] or {}) or roots
      if parent then below[parent] = siblings end
      siblings[#siblings + 1] = index
      index = parent
    end
  end
  return roots, below
end

-- A parent that was read long ago can be another process by now, so parents can form a ring. A ring
-- has no root; its rows are not shown here.
local function as_tree(survey, list)
  local placed, depth = {}, {}
  local roots, below = branches(survey, list)
  local function place(siblings, level)
    for _, index in ipairs(siblings) do
      placed[#placed + 1], depth[index] = index, level
      if below[index] then place(below[index], level + 1) end
    end
  end
  place(roots, 0)
  return placed, depth
end

--- The rows to show, as indexes of the survey.
---@param survey watchio.Survey
---@param options { sort: string, is_reversed: boolean, filter: string, is_tree: boolean }
---@return integer[] indexes
---@return table<integer, integer>? depth in the tree view: index → how far below its root
function order.of(survey, options)
  local list =
    filtered(survey, sorted(survey, options.sort, options.is_reversed), options.filter)
  if not options.is_tree then return list end
  return as_tree(survey, list)
end

return order
