-- SPDX-License-Identifier: MIT
-- Translates the bytes of a terminal in raw mode to names of keys.

local keys = {}

-- After "\27[" or "\27O": the last byte, or the number before a tilde.
local cursor = {
  A = "up",
  B = "down",
  C = "right",
  D = "left",
  H = "home",
  F = "end",
  ["1~"] = "home",
  ["4~"] = "end",
  ["7~"] = "home",
  ["8~"] = "end",
  ["3~"] = "delete",
  ["5~"] = "page up",
  ["6~"] = "page down",
}

local controls = {
  ["\3"] = "interrupt",
  ["\26"] = "suspend",
  ["\12"] = "redraw",
  ["\r"] = "enter",
  ["\n"] = "enter",
  ["\127"] = "backspace",
  ["\8"] = "backspace",
  ["\21"] = "erase",
  ["\27"] = "escape",
  ["\2"] = "page up",
  ["\6"] = "page down",
}

-- The length of a UTF-8 character by its first byte.
local function length_of(byte)
  if byte < 0xc2 or byte > 0xf4 then return 1 end
  return byte < 0xe0 and 2 or byte < 0xf0 and 3 or 4
end

-- Reads a sequence at the start of the text. Returns its key (false if it is unknown) and the rest,
-- or nil if it is not complete yet.
local function sequence(text)
  local kind, body, last, rest = text:match("^\27([%[O])([0-9;?<]*)([@-~])(.*)$")
  if not kind then return nil end
  local number = body:match("^(%d+)")
  local name = last == "~" and number and cursor[number .. "~"] or cursor[last]
  return name or false, rest
end

local function is_part_of_sequence(text) return text:find("^\27[%[O][0-9;?<]*$") ~= nil end

local function character(text)
  local length = length_of(text:byte())
  local one = text:sub(1, length)
  if #text < length and one:find("^.[\x80-\xbf]*$") then return nil end
  if controls[one] then return controls[one], text:sub(2) end
  if not utf8.len(one) or one:find("%c") then return false, text:sub(2) end
  return one, text:sub(length + 1)
end

--- The keys in the bytes that were read, in order, and the rest that is only the beginning of a
--- key. A printable character is its own name. An escape is the key Escape unless a sequence
--- follows at once: terminals send these in one piece.
---@param text string
---@return string[] names
---@return string rest belongs before what is read next
function keys.read(text)
  local names = {}
  while text ~= "" do
    local name, rest
    if text:find("^\27[%[O]") then
      if is_part_of_sequence(text) then return names, text end
      name, rest = sequence(text)
      if not rest then
        name, rest = false, text:sub(2)
      end
    else
      name, rest = character(text)
      if not rest then return names, text end
    end
    if name then names[#names + 1] = name end
    text = rest
  end
  return names, ""
end

return keys
