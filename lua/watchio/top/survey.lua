-- SPDX-License-Identifier: MIT
-- The survey of top: all targets at each look, and the details of the few that are shown.
local measures = require "watchio.base.measures"
local schema = require "watchio.check.schema"
local sparkline = require "watchio.top.sparkline"
local targets = require "watchio.watch.target"
local units = require "watchio.base.units"
local users = require "watchio.base.users"
local watching = require "watchio.top.watching"

local survey = {}

local SECOND = units.SECOND

-- Only kernel threads have no command line.
local EVERYBODY = { { cmds = { "." } } }

---@class watchio.TopSurvey
---@field session watchio.Session
---@field watch watchio.TopWatch
---@field whole? watchio.TopWatch every process, for the tree view of targets
---@field every_ns integer
---@field stretch integer of the latest look, for the sparklines
---@field private histories table<integer, watchio.History>
---@field private details table<integer, { name: string, user: string, text: string }>
---@field private known table<integer, watchio.TopRow> of the latest look, by index
local Survey = {}
Survey.__index = Survey

--- Begins to survey the processes that the selectors name.
---@param session watchio.Session
---@param selectors watchio.native.Selector[]? nil: every process
---@param options { per: string, every_ns: integer, ascii: boolean }
---@return watchio.TopSurvey?
---@return string? message
function survey.new(session, selectors, options)
  local self = setmetatable({
    session = session,
    selectors = selectors or EVERYBODY,
    per = options.per,
    every_ns = options.every_ns,
    ascii = options.ascii,
    histories = {},
    details = {},
    known = {},
    stretch = 0,
  }, Survey)
  local message
  self.watch, message = self:start(self.selectors, self.per)
  if not self.watch then return nil, message end
  return self
end

---@private
function Survey:start(selectors, per)
  local options = { per = per, every_ns = self.every_ns }
  return watching.new(self.session, selectors, options, function(id)
    self.histories[id], self.details[id] = nil, nil
  end)
end

--- Changes the interval.
---@param every_ns integer
function Survey:retime(every_ns)
  self.every_ns = every_ns
  self.watch:retime(every_ns)
  if self.whole then self.whole:retime(every_ns) end
end

-- The processes of all targets, one row each.
local function members(self, wanted_measures)
  local monitor, is_member = self.session.monitor, {}
  for _, id in ipairs(self.watch:look({}).target) do
    for _, pid in ipairs(monitor:pids(id) or {}) do
      is_member[pid] = true
    end
  end
  self.whole = self.whole or assert(self:start(EVERYBODY, "process"))
  return self.whole:look(wanted_measures, is_member)
end

-- Ends a watch that is not needed any more. A kill that goes on keeps its watch.
local function look_at_no_more(self)
  if not self.whole or self.session:is_working() then return end
  self.whole:stop()
  self.whole = nil
end

-- The details of a target's first process for sorting and filtering. They are read again when it
-- becomes another program.
local function detail(self, seen, index)
  local id, name = seen.target[index], seen.name[index]
  local known = self.details[id]
  if known and known.name == name then return known end
  local now = self.session.monitor:target(id)
  known = { name = name, user = now and now.uid and users.name(now.uid) or "?" }
  local words = { seen.pid[index], name, known.user, now and now.cmd or "" }
  known.text = table.concat(words, " "):lower()
  self.details[id] = known
  return known
end

local function sum_of(seen, names)
  local first, second, sums = seen[names[1]], names[2] and seen[names[2]], {}
  if not second then return first end
  for index = 1, seen.count do
    sums[index] = first[index] and second[index] and first[index] + second[index]
  end
  return sums
end

local function each_of(seen, value)
  local values = {}
  for index = 1, seen.count do
    values[index] = value(index)
  end
  return values
end

-- The values of the sorting column.
local function values_of(self, seen, sort)
  local counters = measures.in_column(sort)
  if counters then return sum_of(seen, counters) end
  if sort == "user" then
    return each_of(seen, function(index) return detail(self, seen, index).user end)
  end
  if sort == "idle" then
    return each_of(
      seen,
      function(index)
        return seen.judged[index] ~= "unknown" and seen.idle_for_ns[index] / SECOND
      end
    )
  end
  return seen[sort == "state" and "judged" or sort]
end

local function note_activity(self, seen)
  local histories, stretch = self.histories, self.stretch
  local busy, ids = seen.busy, seen.target
  for index = 1, seen.count do
    local id, activity = ids[index], busy[index]
    if activity ~= 0 then histories[id] = sparkline.add(histories[id], stretch, activity) end
  end
end

--- All rows now.
---@param sort string a column, or "activity"
---@param is_tree boolean each process is a row
---@return watchio.Survey
function Survey:look(sort, is_tree)
  local wanted_measures = measures.in_column(sort) or {}
  local seen
  if is_tree and self.per ~= "process" then
    seen = members(self, wanted_measures)
  else
    seen = self.watch:look(wanted_measures)
    look_at_no_more(self)
  end
  self.known = {}
  self.stretch = self.session:now() // (sparkline.SECONDS * SECOND)
  note_activity(self, seen)
  seen.value = values_of(self, seen, sort)
  function seen.text(index) return detail(self, seen, index).text end
  return seen
end

--- How many rows were active between the latest two samples, and how many rows are partly
--- unreadable.
---@param seen watchio.Survey
---@return integer active
---@return integer unreadable
function survey.count(seen)
  local active, unreadable = 0, 0
  local busy, blind = seen.busy, seen.blind
  for index = 1, seen.count do
    if busy[index] and busy[index] > 0 then active = active + 1 end
    if blind[index] then unreadable = unreadable + 1 end
  end
  return active, unreadable
end

local function state_of(now)
  if now.judged ~= "unknown" and now.idle_for_ns >= schema.IDLE_NS then return "idle" end
  return now.judged
end

local function read_row(self, seen, index)
  local id = seen.target[index]
  local now = self.session.monitor:target(id)
  local row = {
    target = id,
    pid = seen.pid[index],
    name = seen.name[index],
    state = "exited",
    rate = {},
    minute = sparkline.text(self.histories[id], self.stretch, self.ascii),
  }
  if not now then return row end
  row.user, row.cmd, row.state = users.name(now.uid), now.cmd, state_of(now)
  row.idle_for = now.judged ~= "unknown" and now.idle_for_ns / SECOND or nil
  if now.moved then row.rate = measures.rate(now.moved, now.moved_in_ns) end
  row.blind = now.moved ~= nil and now.blind
  return row
end

--- The details of a row that is shown, read once a look.
---@param seen watchio.Survey the latest
---@param index integer
---@return watchio.TopRow
function Survey:row(seen, index)
  local row = self.known[index] or read_row(self, seen, index)
  self.known[index] = row
  return row
end

--- The target of a row, for actions; nil if it has ended.
---@param id integer
---@return watchio.Target?
---@return watchio.native.Target?
function Survey:target(id)
  local now = self.session.monitor:target(id)
  if not now then return nil end
  local target = self.session.targets[id]
  if not target then
    target = targets.new(self.session, now.name, id, now, true)
    self.session:add_target(target)
  end
  return target, now
end

return survey
