-- SPDX-License-Identifier: MIT
-- Splits the output of a command, which comes in pieces, into lines of bounded length. Any bytes
-- may come.

local LONGEST = 4096 -- bytes; a longer line comes in several

---@class watchio.Lines
---@field private text string what came
---@field private at integer where the next line begins
---@field private over boolean nothing more comes
local Lines = {}
Lines.__index = Lines

local lines = {}

---@return watchio.Lines
function lines.new() return setmetatable({ text = "", at = 1, over = false }, Lines) end

--- Takes the next piece.
---@param text string
function Lines:add(text)
  self.text, self.at = self.text:sub(self.at) .. text, 1
end

--- Nothing more comes: the rest is a line even if it has no end of line.
function Lines:finish() self.over = true end

-- The index of the last byte of a piece of a line that is too long. It does not cut characters.
local function piece_end(text, at)
  local last = at + LONGEST - 1
  local first = last
  while first > last - 4 and text:byte(first + 1) & 0xC0 == 0x80 do
    first = first - 1
  end
  return first > last - 4 and first or last
end

--- The next line without its end ("\n" or "\r\n"); nil when none is there yet.
---@return string?
function Lines:next()
  local text, at = self.text, self.at
  local newline = text:find("\n", at, true)
  local stop = newline and newline - 1 or #text
  if stop - at >= LONGEST then
    stop = piece_end(text, at)
    self.at = stop + 1
    return text:sub(at, stop)
  end
  if not newline and (not self.over or at > #text) then return nil end
  self.at = (newline or stop) + 1
  return (text:sub(at, stop):gsub("\r$", ""))
end

--- About how many lines wait.
---@return integer
function Lines:count()
  local _, count = self.text:sub(self.at):gsub("\n", "")
  return count
end

return lines
