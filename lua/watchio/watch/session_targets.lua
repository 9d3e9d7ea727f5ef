-- SPDX-License-Identifier: MIT
-- The targets of a session: which are judged, and the callbacks for their idleness and their ends.
local ordered = require "watchio.base.ordered"

---@class watchio.Session
---@field targets table<integer, watchio.Target> that are judged
---@field seen boolean some target was seen
---@field watched boolean a watch was added, though it may be over by now
---@field crowded? boolean not every process can be held
---@field private followers table<watchio.Target, watchio.Ordered> see `follow`
local Session = {}

---@private
function Session:init_targets()
  self.targets, self.followers = {}, {}
  self.seen, self.watched = false, false
end

--- There is something to watch: see `exit_status`.
function Session:expect_targets() self.watched = true end

--- Something that was to be watched was there.
function Session:saw_target() self.seen = true end

--- A target was seen, and is judged from now on.
---@param target watchio.Target
function Session:add_target(target)
  self.targets[target.id] = target
  self:saw_target()
end

--- A target is no longer judged, since nobody watches it.
---@param id integer
function Session:drop_target(id) self.targets[id] = nil end

--- A target has ended, or is no longer what its watch names.
---@param target watchio.Target
function Session:target_ended(target)
  self:drop_target(target.id)
  self:tell_followers(target)
end

--- Calls `act` whenever a target becomes idle, has ended, or is no longer judged. The state of the
--- target says which.
---@param target watchio.Target
---@param act fun()
---@return fun() unfollow
function Session:follow(target, act)
  local all, follower = self.followers[target] or ordered.new(), { act = act }
  self.followers[target] = all
  all:add(follower)
  return function()
    all:remove(follower)
    if #all == 0 and self.followers[target] == all then self.followers[target] = nil end
  end
end

--- A target is idle, has ended, or is no longer judged: makes the calls of `follow`.
---@param target watchio.Target
function Session:tell_followers(target)
  local all = self.followers[target]
  for _, follower in ipairs(all and all:list() or {}) do
    follower.act()
  end
end

--- Reports once that there are more processes than descriptors to pin them.
function Session:tell_if_crowded()
  if self.crowded or self.root then return end -- the processes of another tree are never held
  local stats = self.monitor:stats()
  self.crowded = stats.pinned < stats.processes
  if not self.crowded then return end
  self:record("log", nil, {
    message = (
      "descriptors for %d processes only (see ulimit -n): the others are read the slow "
      .. "way, and their end is seen at the next sample"
    ):format(stats.pinned),
  })
end

return Session
