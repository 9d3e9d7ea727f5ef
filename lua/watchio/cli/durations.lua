-- SPDX-License-Identifier: MIT
-- Durations among the options of a command line.

local durations = {}

--- A word as a policy would write it: digits are a number of seconds.
---@param word string
---@return string|number
function durations.value(word) return tonumber(word) or word end

--- Reads the durations: text as in a policy, or a number of seconds.
---@param options table what argparse made of the command line
---@param wanted { [1]: string, [2]: function, [3]: string? }[] the name without its dashes, the
---kind (see values.duration), and the key where that is not the name
---@return table<string, integer>? found name → nanoseconds, of those that were given
---@return string? message
function durations.read(options, wanted)
  local found = {}
  for _, each in ipairs(wanted) do
    local name, kind, key = table.unpack(each)
    local text, message = options[key or name], nil
    if text then
      found[name], message = kind(durations.value(text))
    end
    if message then return nil, ("--%s: %s"):format(name, message) end
  end
  return found
end

return durations
