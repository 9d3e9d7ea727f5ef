-- SPDX-License-Identifier: MIT
-- Floors: the rate up to which a kind of activity is only background noise.
local measures = require "watchio.base.measures"
local native = require "watchio.native"
local suggest = require "watchio.base.suggest"

local floors = {}

---@class watchio.Floors rates a second: bytes, calls, bytes, seconds run
---@field io number
---@field calls number
---@field net number
---@field cpu number

---@class watchio.FloorPair
---@field hidden watchio.Floors for targets that may do what neither io nor net shows
---@field shown watchio.Floors for those of which they show all

--- The defaults of a watch, measured by scripts/truth.
---@type watchio.FloorPair
floors.default = {
  hidden = { io = 0, calls = 0, net = 0, cpu = 0.00001 },
  shown = { io = 0, calls = 0, net = 0, cpu = 0.005 },
}

local bytes = { parse = native.byte_rate, wanted = 'bytes over time, e.g. "4KB/s"' }
local kinds = {
  io = bytes,
  calls = { parse = native.count_rate, wanted = 'a count over time, e.g. "20/s"' },
  net = bytes,
  cpu = { parse = native.share, wanted = 'a share of one core, e.g. "1%"' },
}

--- The names of the floors, in the order in which they are shown.
floors.names = { "io", "calls", "net", "cpu" }

local function rate_of(name, value)
  if value == 0 then return 0 end
  local rate = type(value) == "string" and kinds[name].parse(value)
  if rate then return rate end
  local shown = type(value) == "string" and ('"%s"'):format(value) or tostring(value)
  return nil, ("bad floor %s for %s (want %s)"):format(shown, name, kinds[name].wanted)
end

-- A hint for an unknown name. A measure has no floor of its own: it is counted in one of these.
local function hint_for(name)
  local floor = measures.floor(name)
  return floor and (" (it is counted in '%s')"):format(floor) or suggest(name, floors.names)
end

--- Checks the `floor` of a watch.
---@param value any e.g. { io = "4KB/s", calls = "20/s", net = "100B/s", cpu = "1%" }
---@return watchio.FloorPair? floors with the defaults for what is not given
---@return string? message
function floors.check(value)
  if type(value) ~= "table" then
    local wanted = 'want e.g. { io = "4KB/s", calls = "20/s", net = "100B/s", cpu = "1%" }'
    return nil, ("bad value %s (%s)"):format(tostring(value), wanted)
  end
  if next(value) == nil then return nil, 'an empty table (want e.g. io = "4KB/s")' end
  local unknown
  for name in pairs(value) do
    name = tostring(name)
    if not kinds[name] and (not unknown or name < unknown) then unknown = name end
  end
  if math.tointeger(unknown) then
    return nil, 'a rate without a kind (want e.g. io = "4KB/s")'
  end
  if unknown then return nil, ("unknown key '%s'%s"):format(unknown, hint_for(unknown)) end
  local checked = { hidden = {}, shown = {} }
  for _, name in ipairs(floors.names) do
    local given, message
    if value[name] ~= nil then
      given, message = rate_of(name, value[name])
      if not given then return nil, message end
    end
    for which, rates in pairs(checked) do
      rates[name] = given or floors.default[which][name]
    end
  end
  return checked
end

return floors
