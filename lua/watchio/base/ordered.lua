-- SPDX-License-Identifier: MIT
-- An ordered set: its items keep the order in which they were added. To add or to remove an item
-- takes constant time.
local tables = require "watchio.base.tables"

---@class watchio.Ordered
---@field private items table<integer, any> place → item; places are never used twice
---@field private places table<any, integer>
---@field private last integer
---@field private count integer
local Ordered = {}
Ordered.__index = Ordered

local ordered = {}

---@return watchio.Ordered
function ordered.new()
  return setmetatable({ items = {}, places = {}, last = 0, count = 0 }, Ordered)
end

--- How many items there are: #ordered
function Ordered:__len() return self.count end

---@param item any
function Ordered:add(item)
  self.last, self.count = self.last + 1, self.count + 1
  self.items[self.last], self.places[item] = item, self.last
end

--- Harmless if the item is not in the set.
---@param item any
function Ordered:remove(item)
  local place = self.places[item]
  if not place then return end
  self.items[place], self.places[item] = nil, nil
  self.count = self.count - 1
end

--- All items in order, as a new list, so that the set may change meanwhile.
---@return any[]
function Ordered:list()
  local list = {}
  for index, place in ipairs(tables.keys(self.items)) do
    list[index] = self.items[place]
  end
  return list
end

return ordered
