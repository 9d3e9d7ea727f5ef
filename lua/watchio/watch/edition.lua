-- SPDX-License-Identifier: MIT
-- An edition is one version of a policy, with its watches and timers. A reload makes another.
-- Modules keep further state of a version by its edition.
local ordered = require "watchio.base.ordered"

---@class watchio.Edition
---@field watches watchio.Ordered that are not over
---@field timers watchio.Ordered what `after` and `every` made and is still to ring
---@field private waiting fun()[] what is done once it has loaded
local Edition = {}
Edition.__index = Edition

local edition = {}

---@return watchio.Edition
function edition.new()
  return setmetatable(
    { watches = ordered.new(), timers = ordered.new(), waiting = {} },
    Edition
  )
end

--- Does something once the policy has loaded.
---@param act fun()
function Edition:wait(act) self.waiting[#self.waiting + 1] = act end

--- The policy has loaded: makes the calls that wait for that.
function Edition:begin()
  local waiting = self.waiting
  for _, act in ipairs(waiting) do
    act()
  end
  self.waiting = {}
end

--- Stops its watches. Commands go on.
function Edition:stop_watches()
  for _, watch in ipairs(self.watches:list()) do
    watch:stop()
  end
end

--- Stops its watches and timers.
function Edition:stop()
  self:stop_watches()
  for _, timer in ipairs(self.timers:list()) do
    timer:stop()
  end
end

return edition
