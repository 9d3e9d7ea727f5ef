-- SPDX-License-Identifier: MIT
-- Text in the cells of a terminal: counts the cells of a text, cuts it and pads it.
local format = require "watchio.base.format"
local style = require "watchio.show.style"

local cells = {}

-- First and last code points of ranges that take no cell (marks that join the character before), or
-- two cells (East Asian wide characters, emoji).
local NARROWER = {
  { 0x300, 0x36f },
  { 0x483, 0x489 },
  { 0x591, 0x5bd },
  { 0x610, 0x61a },
  { 0x64b, 0x65f },
  { 0x1ab0, 0x1aff },
  { 0x1dc0, 0x1dff },
  { 0x200b, 0x200f },
  { 0x202a, 0x202e },
  { 0x2060, 0x2064 },
  { 0x20d0, 0x20ff },
  { 0xfe00, 0xfe0f },
  { 0xfe20, 0xfe2f },
  { 0xfeff, 0xfeff },
}
local WIDER = {
  { 0x1100, 0x115f },
  { 0x2e80, 0x303e },
  { 0x3041, 0xa4cf },
  { 0xa960, 0xa97c },
  { 0xac00, 0xd7a3 },
  { 0xf900, 0xfaff },
  { 0xfe30, 0xfe6f },
  { 0xff01, 0xff60 },
  { 0xffe0, 0xffe6 },
  { 0x1f300, 0x1f64f },
  { 0x1f680, 0x1f6ff },
  { 0x1f900, 0x1f9ff },
  { 0x1fa70, 0x1faff },
  { 0x20000, 0x3fffd },
}

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code <= range[2] then return code >= range[1] end
  end
  return false
end

local function width_of(code)
  if code < 0x300 then return 1 end
  return is_in(NARROWER, code) and 0 or is_in(WIDER, code) and 2 or 1
end

local CUT <const>, PLAIN_CUT <const> = "…", "+"
local is_ascii <const> = not style.is_utf8()

--- The sign for a value that is not measured: not yet, or not any more.
cells.UNMEASURED = is_ascii and ".." or CUT

--- How many cells a text takes. The text must have no control characters; see format.escape.
---@param text string UTF-8
---@return integer
function cells.width(text)
  if not text:find("[\x80-\xff]") then return #text end
  local sum = 0
  for _, code in utf8.codes(text) do
    sum = sum + width_of(code)
  end
  return sum
end

--- As much of a text as fits. A text that is cut ends in "…", or in "+" if there is only ASCII;
--- that sign takes a cell, too.
---@param text string UTF-8
---@param most integer cells, at least 1
---@param ascii? boolean default: what the locale says
---@return string
function cells.cut(text, most, ascii)
  if cells.width(text) <= most then return text end
  if ascii == nil then ascii = is_ascii end
  local sum = 0
  for place, code in utf8.codes(text) do
    sum = sum + width_of(code)
    if sum > most - 1 then return text:sub(1, place - 1) .. (ascii and PLAIN_CUT or CUT) end
  end
end

--- Any text in exactly so many cells: cut or filled up, with control characters made visible.
---@param text string
---@param width integer at least 1
---@param to_the_right? boolean where the text stands; default to the left
---@param ascii? boolean as in cells.cut
---@return string
function cells.pad(text, width, to_the_right, ascii)
  text = cells.cut(format.escape(text), width, ascii)
  local blanks = (" "):rep(width - cells.width(text))
  return to_the_right and blanks .. text or text .. blanks
end

return cells
