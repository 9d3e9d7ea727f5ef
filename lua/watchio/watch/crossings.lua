-- SPDX-License-Identifier: MIT
-- Crossings: a target is over one of its watch's limits or under it again, or cannot be judged.
local limits = require "watchio.check.limits"
local units = require "watchio.base.units"

local crossings = {}

--- Reports that a target is over or under one of its watch's limits. Returns the handler's action.
---@param watch watchio.Watch
---@param target watchio.Target
---@param event watchio.native.Event
---@param seen watchio.Event is completed
function crossings.tell(watch, target, event, seen)
  local limit = watch.rule.limits[event.limit]
  seen.measure, seen.limit = limit.measure, limit.above
  if limit.rate then
    seen.rate[limit.measure] = seen.rate[limit.measure] or 0
  else
    seen.rate = nil
  end
  watch.session:record(event.type, target, {
    measure = limit.measure,
    limit = math.tointeger(limit.above) or limit.above,
    why = seen.why,
    rate = seen.rate,
    total = event.total,
    seconds = event.moved_in_ns / units.SECOND,
  })
  return watch.handlers[limits.handler_name(event.type, event.limit)]
end

--- Reports that limits are not judged. Returns the handler's action.
---@param watch watchio.Watch
---@param target watchio.Target
---@param event watchio.native.Event
---@param seen watchio.Event is completed
function crossings.tell_unjudged(watch, target, event, seen)
  seen.type = "unreadable"
  seen.reason = ("%s; limits on it are not judged"):format(event.message)
  watch.session:record(seen.type, target, {
    kind = event.kind,
    total = event.total,
    reason = seen.reason,
  })
  return watch.handlers.on_unreadable
end

return crossings
