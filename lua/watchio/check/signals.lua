-- SPDX-License-Identifier: MIT
-- Names and numbers of signals.
local uv = require "luv"
local values = require "watchio.check.values"
local suggest = require "watchio.base.suggest"

local signals = {}

local numbers, names, known = {}, {}, {}
for name, number in pairs(uv.constants) do
  local short = name:match("^SIG(%u+%d*)$")
  if short then
    numbers[short] = number
    known[#known + 1] = short
  end
end
table.sort(known)
for _, name in ipairs(known) do
  -- SIGIOT and SIGPOLL are second names. The first name in the alphabet is the usual one.
  names[numbers[name]] = names[numbers[name]] or name
end

local HIGHEST = 64 -- Linux' last real-time signal

--- The number of a signal given as "TERM", "SIGTERM" or 15.
---@param value any
---@return integer? number
---@return string? message
function signals.number(value)
  local number = math.type(value) and math.tointeger(value)
  if number and number >= 1 and number <= HIGHEST then return number end
  if type(value) ~= "string" then
    return nil, ('bad signal %s (want e.g. "TERM")'):format(values.show(value))
  end
  local short = value:upper():gsub("^SIG", "")
  if numbers[short] then return numbers[short] end
  return nil, ('unknown signal "%s"%s'):format(value, suggest(short, known))
end

--- "TERM" for 15.
---@param number integer
---@return string
function signals.name(number) return names[number] or tostring(number) end

return signals
