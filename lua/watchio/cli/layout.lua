-- Tables for people: columns as wide as their widest cell.
local format = require "watchio.format"

local layout = {}

local function length(text)
  return utf8.len(text) or #text
end

--- A table as text. Whatever the cells hold, it cannot move the cursor.
---@param rows string[][]
---@return string
function layout.table(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      row[column] = format.escape(cell)
      widths[column] = math.max(widths[column] or 0, length(row[column]))
    end
  end
  for index, row in ipairs(rows) do
    local cells = {}
    for column, cell in ipairs(row) do
      cells[column] = cell .. (" "):rep(widths[column] - length(cell))
    end
    lines[index] = table.concat(cells, "  "):gsub(" +$", "")
  end
  return table.concat(lines, "\n") .. "\n"
end

return layout
