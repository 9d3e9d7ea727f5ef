-- SPDX-License-Identifier: MIT
-- A row: things in the order in which they were added, each as cheap to take out as to add.
local tables = require "watchio.base.tables"

---@class watchio.Row
---@field private items table<integer, any> place → item; places are never used twice
---@field private places table<any, integer>
---@field private last integer
---@field private count integer
local Row = {}
Row.__index = Row

local ordered = {}

---@return watchio.Row
function ordered.new()
  return setmetatable({ items = {}, places = {}, last = 0, count = 0 }, Row)
end

--- How many there are: #row
function Row:__len() return self.count end

---@param item any
function Row:add(item)
  self.last, self.count = self.last + 1, self.count + 1
  self.items[self.last], self.places[item] = item, self.last
end

--- Harmless when it is not in.
---@param item any
function Row:remove(item)
  local place = self.places[item]
  if not place then return end
  self.items[place], self.places[item] = nil, nil
  self.count = self.count - 1
end

--- All items in order: a list of its own, so that the row may change meanwhile.
---@return any[]
function Row:list()
  local list = {}
  for index, place in ipairs(tables.keys(self.items)) do
    list[index] = self.items[place]
  end
  return list
end

return ordered
