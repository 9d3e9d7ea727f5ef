-- SPDX-License-Identifier: MIT
-- Tables for people: columns as wide as their widest cell.
local cells = require "watchio.show.cells"
local format = require "watchio.base.format"

local layout = {}

--- A table as text. No cell can move the cursor.
---@param rows string[][]
---@return string
function layout.table(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      row[column] = format.escape(cell)
      widths[column] = math.max(widths[column] or 0, cells.width(row[column]))
    end
  end
  for index, row in ipairs(rows) do
    local padded = {}
    for column, cell in ipairs(row) do
      padded[column] = cells.pad(cell, math.max(1, widths[column]))
    end
    lines[index] = table.concat(padded, "  "):gsub(" +$", "")
  end
  return table.concat(lines, "\n") .. "\n"
end

return layout
