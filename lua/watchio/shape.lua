-- A shape: which keys an options table may hold, and what each takes. Checked once, at the
-- policy's line.
local suggest = require "watchio.suggest"

local shape = {}

---@class watchio.Shape
---@field keys table<string, fun(value: any): any, string?>
---@field list? fun(values: any[]): any, string? the values without a key

local function keys_of(wanted)
  local keys = {}
  for key in pairs(wanted.keys) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Unknown keys in a fixed order, so that a policy with several mistakes always gets the same
-- message.
local function first_unknown(wanted, options)
  local unknown
  for key in pairs(options) do
    local positional = wanted.list and math.type(key) == "integer" and key >= 1 and key <= #options
    if not positional and not wanted.keys[key] then
      if not unknown or tostring(key) < tostring(unknown) then unknown = key end
    end
  end
  return unknown
end

--- Checks an options table against a shape.
---@param wanted watchio.Shape
---@param options any
---@return table? values converted; `list` holds the values without a key
---@return string? message
function shape.check(wanted, options)
  if type(options) ~= "table" then return nil, ("want a table, got a %s"):format(type(options)) end
  local unknown = first_unknown(wanted, options)
  if unknown ~= nil then
    local known = keys_of(wanted)
    return nil, ("unknown key '%s'%s"):format(tostring(unknown), suggest(unknown, known))
  end
  local values = {}
  for _, key in ipairs(keys_of(wanted)) do
    if options[key] ~= nil then
      local converted, message = wanted.keys[key](options[key])
      if converted == nil then return nil, key .. ": " .. message end
      values[key] = converted
    end
  end
  if options[1] ~= nil and wanted.list then
    local list, message = wanted.list(table.move(options, 1, #options, 1, {}))
    if list == nil then return nil, message end
    values.list = list
  end
  return values
end

return shape
