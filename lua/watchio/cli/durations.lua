-- SPDX-License-Identifier: MIT
-- Durations among the options of a command line.

--- Reads them: text as in a policy, or a number of seconds.
---@param options table what argparse made of the command line
---@param wanted { [1]: string, [2]: function, [3]: string? }[] the name without its dashes, the
---kind (see kinds.duration), and the key where that is not the name
---@return table<string, integer>? found name → nanoseconds, of those that were given
---@return string? message
local function durations(options, wanted)
  local found = {}
  for _, each in ipairs(wanted) do
    local name, kind, key = table.unpack(each)
    local text, message = options[key or name], nil
    if text then
      found[name], message = kind(tonumber(text) or text)
    end
    if message then return nil, ("--%s: %s"):format(name, message) end
  end
  return found
end

return durations
