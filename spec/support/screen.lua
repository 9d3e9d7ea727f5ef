-- SPDX-License-Identifier: MIT
-- A screen that knows only what a frame may use; anything else, or a cell out of bounds, raises.
local cells = require "watchio.show.cells"

local screen = {}

local function place(self, row, column)
  assert(row >= 1 and row <= self.height, "a line out of bounds: " .. row)
  self.row, self.column = row, column
end

local function put(self, character)
  local width = cells.width(character)
  assert(not character:find("%c"), "a control character")
  assert(self.column + width - 1 <= self.width, "a cell out of bounds in line " .. self.row)
  if width == 0 then return end
  self.grid[self.row][self.column] = character
  for index = 1, width - 1 do
    self.grid[self.row][self.column + index] = ""
  end
  for index = 0, width - 1 do
    self.looks[self.row][self.column + index] = self.look
  end
  self.column = self.column + width
end

local function clear_behind(self)
  assert(self.column <= self.width, "a full line would lose its last cell")
  for column = self.column, self.width do
    self.grid[self.row][column] = " "
  end
end

local sequences = {
  {
    "^\27%[(%d+);(%d+)H",
    function(self, row, column) place(self, tonumber(row), tonumber(column)) end,
  },
  { "^\27%[K", clear_behind },
  { "^\27%[(%d+)m", function(self, look) self.look = look end },
  { "^\27%[%?2026[hl]", function() end },
}

local function take_sequence(self, text)
  for _, sequence in ipairs(sequences) do
    local first, last, one, two = text:find(sequence[1])
    if first then
      sequence[2](self, one, two)
      return text:sub(last + 1)
    end
  end
  error("a sequence that not every terminal knows: " .. ("%q"):format(text:sub(1, 12)))
end

--- Draws a frame on a screen full of "~", so that what it leaves alone is seen.
---@param text string
---@param width integer
---@param height integer
---@return string[] lines without the blanks at their ends
---@return table<integer, table<integer, string>> looks of each cell: the number of its sequence
function screen.draw(text, width, height)
  local self = { width = width, height = height, grid = {}, looks = {}, look = "0" }
  for row = 1, height do
    self.grid[row], self.looks[row] = {}, {}
    for column = 1, width do
      self.grid[row][column] = "~"
    end
  end
  while text ~= "" do
    if text:sub(1, 1) == "\27" then
      text = take_sequence(self, text)
    else
      local character = text:match("^" .. utf8.charpattern)
      put(self, character)
      text = text:sub(#character + 1)
    end
  end
  local lines = {}
  for row = 1, height do
    lines[row] = table.concat(self.grid[row]):gsub(" +$", "")
  end
  return lines, self.looks
end

return screen
