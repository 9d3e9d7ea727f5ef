-- SPDX-License-Identifier: MIT
-- Helpers for plain tables.
local tables = {}

--- The keys in order. All are numbers, or all are strings.
---@param map table
---@return any[]
function tables.keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- A new table with the entries of all given tables. A later table overrides an earlier one.
---@param ... table
---@return table
function tables.merged(...)
  local all = {}
  for _, map in ipairs { ... } do
    for key, value in pairs(map) do
      all[key] = value
    end
  end
  return all
end

--- Whether a value is in a list.
---@param list any[]
---@param wanted any
---@return boolean
function tables.has(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

return tables
