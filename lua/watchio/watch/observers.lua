-- SPDX-License-Identifier: MIT
-- The native watches of a session, each with the observer of its events.

---@class watchio.Observer of a native watch
---@field take fun(event: watchio.native.Event) takes each of its events
---@field watch? watchio.Watch of the policy, where it is part of one
---@field selector? watchio.native.Selector with its `where`; default: what the engine was given
---@field every_ns? integer the sampling interval; filled in here

---@class watchio.Observers
---@field private session watchio.Session
---@field private by_id table<integer, watchio.Observer>
local Observers = {}
Observers.__index = Observers

local observers = {}

---@param session watchio.Session
---@return watchio.Observers
function observers.new(session)
  return setmetatable({ session = session, by_id = {} }, Observers)
end

--- Begins a native watch.
---@param options watchio.native.WatchOptions
---@param observer watchio.Observer
---@return integer? id
---@return string? message what is wrong with the options
function Observers:add(options, observer)
  local id, message = self.session.monitor:watch(options)
  if not id then return nil, message end
  observer.every_ns, observer.selector = options.every_ns, observer.selector or options
  self.by_id[id] = observer
  return id
end

--- The observer of a native watch; nil if the watch has ended.
---@param id integer
---@return watchio.Observer?
function Observers:of(id) return self.by_id[id] end

--- Replaces the observer of a native watch for the events that are still to come.
---@param id integer
---@param observer watchio.Observer
function Observers:hand_over(id, observer)
  observer.every_ns = self.by_id[id].every_ns
  self.by_id[id] = observer
end

--- Changes the sampling interval.
---@param id integer
---@param every_ns integer
function Observers:retime(id, every_ns)
  self.session.monitor:retime(id, every_ns)
  self.by_id[id].every_ns = every_ns
end

--- Ends a native watch and its targets; harmless when it has ended.
---@param id integer
function Observers:remove(id)
  self.session.monitor:unwatch(id)
  self.by_id[id] = nil
end

--- Gives an event to its observer, if there still is one.
---@param event watchio.native.Event
function Observers:deliver(event)
  local observer = self.by_id[event.watch]
  if observer then observer.take(event) end
end

return observers
