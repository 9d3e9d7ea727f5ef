-- SPDX-License-Identifier: MIT
-- Limits: how much a target may do, per second or in all, and which action follows when it does
-- more.
local format = require "watchio.base.format"
local values = require "watchio.check.values"
local measures = require "watchio.base.measures"
local native = require "watchio.native"
local shape = require "watchio.check.shape"
local units = require "watchio.base.units"

local limits = {}

local SECOND = units.SECOND

---@class watchio.CheckedLimit a watchio.native.Limit
---@field measure string
---@field rate boolean a rate, judged over time; else a total
---@field above number bytes, calls or seconds run; of a rate, a second
---@field below number? of a rate: the lower edge; default 90 % of `above`
---@field hold_ns integer of a rate; 0 is one sample

local EXAMPLE = '{ { "disk_write", above = "50MB/s" } }'

-- A total of CPU time. A bare number in a string is refused, since it could mean a share.
local function run_time(text)
  local ns = text:find("%a$") and native.duration(text)
  return ns and ns / SECOND
end

local bytes = {
  rate = native.byte_rate,
  total = native.bytes,
  wanted = 'a rate, e.g. "50MB/s", or for a total a size, e.g. "10GB"',
}
local calls = {
  rate = native.count_rate,
  total = function(text) return tonumber(text:match "^(%d+) calls?$") end,
  wanted = 'a rate, e.g. "20/s", or for a total a number',
}
local cpu = {
  rate = native.share,
  total = run_time,
  wanted = 'a share of one core, e.g. "80%", or for a total a time, e.g. "10m"',
}
local unit_of = setmetatable({ syscr = calls, syscw = calls, cpu = cpu }, {
  __index = function() return bytes end,
})

-- The number of a bound, and whether it is a rate.
local function bound_of(measure, value)
  local unit = unit_of[measure]
  if type(value) == "number" and value >= 0 and value < math.huge then return value, false end
  if type(value) == "string" then
    local rate = unit.rate(value)
    if rate then return rate, true end
    local total = unit.total(value)
    if total then return total, false end
  end
  return nil, ("bad value %s (want %s)"):format(values.show(value), unit.wanted)
end

-- The same rate in the right words, if one is near: "20MB" and "20 mb" mean "20MB/s".
local function rate_meant(unit, value)
  local number, word = tostring(value):match "^%s*([%d.]+)%s*(%a?)"
  if not number or tostring(value):find "bi?[tp]s?" then return nil end -- bits: Mbit/s, Mbps
  local size = word:upper() .. "B/s"
  for _, ending in ipairs(word ~= "" and { size, word:lower() .. "B/s" } or { "/s", "%" }) do
    local rate = unit.rate(number .. ending)
    if rate and rate > 0 then return number .. ending end
  end
end

--- The rate of a text: bytes, calls or seconds of CPU time per second.
---@param measure string
---@param value any
---@return number?
---@return string? message
function limits.check_rate(measure, value)
  local rate, is_rate = bound_of(measure, value)
  if rate and is_rate == true and rate > 0 then return rate end
  local wanted = unit_of[measure].wanted:match '^[^,]+, e%.g%. "[^"]+"'
    or unit_of[measure].wanted
  local meant = rate_meant(unit_of[measure], value)
  wanted = meant and ('did you mean "%s"?'):format(meant) or "want " .. wanted
  return nil, ("bad value %s (%s)"):format(values.show(value), wanted)
end

local function any(value) return value end

local function one_measure(checked)
  local name = checked[1]
  if #checked > 1 then return nil, "more than one measure (want a limit for each)" end
  if measures.counter(name) then return measures.counter(name) end
  if type(name) ~= "string" then
    return nil, ('bad measure %s (want e.g. "disk_write")'):format(values.show(name))
  end
  return nil, measures.unknown(name)
end

local limit_shape = {
  keys = {
    above = any,
    below = any,
    hold = values.duration(0),
    on_over = values.action,
    on_under = values.action,
  },
  list = one_measure,
}

local function lower_edge(checked, above)
  if checked.below == nil then return above * 0.9 end
  local below, is_rate = bound_of(checked.list, checked.below)
  if not below then return nil, "below: " .. is_rate end
  if not is_rate then return nil, "below: is a total (want a rate, as above is)" end
  if below <= above then return below end
  return nil, "below: is more than above (want at most that)"
end

-- Keys that only a rate can have, since a total only grows.
local function fault_of_total(checked)
  for _, key in ipairs { "below", "hold", "on_under" } do
    if checked[key] ~= nil then
      return ("%s: above is a total, which only grows (want a rate for this key)"):format(key)
    end
  end
end

local function check_values(checked)
  if checked.above == nil then
    return nil, ("above is missing (want %s)"):format(unit_of[checked.list].wanted)
  end
  local above, is_rate = bound_of(checked.list, checked.above)
  if not above then return nil, "above: " .. is_rate end
  local below, message
  if is_rate then
    below, message = lower_edge(checked, above)
  else
    message = fault_of_total(checked)
  end
  if message then return nil, message end
  return {
    measure = checked.list,
    rate = is_rate,
    above = above,
    below = below,
    hold_ns = checked.hold or 0,
    on_over = checked.on_over,
    on_under = checked.on_under,
  }
end

local function check_one(value)
  if type(value) ~= "table" then
    return nil, ("bad limit %s (want e.g. %s)"):format(values.show(value), EXAMPLE)
  end
  local checked, message = shape.check(limit_shape, value)
  if not checked then return nil, message end
  if not checked.list then return nil, ("no measure (want e.g. %s)"):format(EXAMPLE) end
  local limit
  limit, message = check_values(checked)
  if limit then return limit end
  return nil, measures.word(checked.list) .. ": " .. message
end

--- Checks the `limits` of a watch.
---@param value any e.g. { { "disk_write", above = "50MB/s", hold = "30s", on_over = "…" } }
---@return table[]? list each a watchio.CheckedLimit with `on_over` and `on_under`
---@return string? message
function limits.check(value)
  if type(value) ~= "table" then
    return nil, ("bad value %s (want %s)"):format(values.show(value), EXAMPLE)
  end
  local bare = type(value[1]) == "string"
  for key in pairs(value) do
    bare = bare or math.type(key) ~= "integer"
  end
  if bare then
    return nil, ("a limit where a list of them belongs (want %s)"):format(EXAMPLE)
  end
  return values.list_of(check_one)(value)
end

--- The name of a limit's handler among the handlers of its watch.
---@param event "over"|"under"
---@param index integer place of the limit in its list
---@return string
function limits.handler_name(event, index) return ("on_%s %d"):format(event, index) end

--- Moves the handlers of limits to the handlers of their watch. The rest of a limit says how it
--- judges.
---@param given table[] as `check` returns them
---@param handlers table<string, watchio.Action>
---@return watchio.CheckedLimit[]
function limits.split(given, handlers)
  local list = {}
  for index, limit in ipairs(given) do
    handlers[limits.handler_name("over", index)] = limit.on_over
    handlers[limits.handler_name("under", index)] = limit.on_under
    list[index] = {
      measure = limit.measure,
      rate = limit.rate,
      above = limit.above,
      below = limit.below,
      hold_ns = limit.hold_ns,
    }
  end
  return list
end

--- A limit in words.
---@param limit watchio.CheckedLimit
---@return string e.g. "disk_write above 50 MB/s for 30s", "cpu above 10m in all"
function limits.show(limit)
  local bound = format.amount(limit.measure, limit.above, limit.rate)
  local words = ("%s above %s"):format(measures.word(limit.measure), bound)
  if not limit.rate then return words .. " in all" end
  if limit.hold_ns == 0 then return words end
  return words .. " for " .. native.format_duration(limit.hold_ns)
end

return limits
