-- SPDX-License-Identifier: MIT
-- Native watches of thousands of targets. Their activity comes to Lua in columns, not target by
-- target.
local targets = require "watchio.watch.target"

local watching = {}

-- The rate of each kind that counts as much as 1 % of a core: see the help of top.
local UNITS = { io = 100000, calls = 100, net = 10000, cpu = 0.01 }

---@class watchio.TopWatch native watches of the same processes
---@field session watchio.Session
---@field ids integer[] the native watches, in order
---@field surveys watchio.native.Survey[] used again
---@field on_gone fun(target: integer)
local Watch = {}
Watch.__index = Watch

-- The only events are those of targets that are gone; everything else comes in columns.
local EVENTS = { "exit", "leave", "over" }

--- Watches the processes that the selectors name.
---@param session watchio.Session
---@param selectors watchio.native.Selector[]
---@param options { per: string, every_ns: integer }
---@param on_gone fun(target: integer)
---@return watchio.TopWatch?
---@return string? message
function watching.new(session, selectors, options, on_gone)
  local self = setmetatable({
    session = session,
    ids = {},
    surveys = {},
    on_gone = on_gone,
  }, Watch)
  for index, selector in ipairs(selectors) do
    local all =
      { per = options.per, every_ns = options.every_ns, samples = true, events = EVENTS }
    for key, values in pairs(selector) do
      all[key] = values
    end
    local observer = { take = function(event) self:take(event) end }
    local id, message = session.observers:add(all, observer)
    if not id then
      self:stop()
      return nil, message
    end
    self.ids[index] = id
  end
  return self
end

---@private
---@param event watchio.native.Event of one of its native watches
function Watch:take(event)
  local target = self.session.targets[event.target]
  if event.type == "over" then return end
  if target then
    targets.update(target, event)
    self.session:target_ended(target)
  end
  self.on_gone(event.target)
end

--- Ends the watching.
function Watch:stop()
  for _, id in ipairs(self.ids) do
    self.session.observers:remove(id)
  end
  self.ids = {}
end

--- Changes the sampling interval.
---@param every_ns integer
function Watch:retime(every_ns)
  for _, id in ipairs(self.ids) do
    self.session.observers:retime(id, every_ns)
  end
end

local FIXED = { "target", "pid", "ppid", "name", "judged", "blind", "idle_for_ns", "busy" }

-- Appends the rows of a survey that `is_wanted` accepts.
local function append(to, from, wanted_measures, is_wanted)
  local count = to.count
  for index = 1, from.count do
    if is_wanted(from.pid[index]) then
      count = count + 1
      for _, name in ipairs(FIXED) do
        to[name][count] = from[name][index]
      end
      for _, name in ipairs(wanted_measures) do
        to[name][count] = from[name][index]
      end
    end
  end
  to.count = count
end

local function empty(wanted_measures)
  local made = { count = 0 }
  for _, name in ipairs(FIXED) do
    made[name] = {}
  end
  for _, name in ipairs(wanted_measures) do
    made[name] = {}
  end
  return made
end

--- All its targets now, or some of them. A process that two selectors name counts once.
---@param wanted_measures string[]
---@param members? table<integer, boolean> only those of these pids
---@return watchio.Survey
function Watch:look(wanted_measures, members)
  local monitor = self.session.monitor
  for place, id in ipairs(self.ids) do
    self.surveys[place] = monitor:survey(id, wanted_measures, UNITS, self.surveys[place])
  end
  if #self.ids == 1 and not members then return self.surveys[1] end
  local all, seen = empty(wanted_measures), {}
  for _, each in ipairs(self.surveys) do
    append(all, each, wanted_measures, function(pid)
      local is_wanted = not seen[pid] and (not members or members[pid])
      seen[pid] = true
      return is_wanted
    end)
  end
  return all
end

return watching
