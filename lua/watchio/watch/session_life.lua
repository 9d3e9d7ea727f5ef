-- SPDX-License-Identifier: MIT
-- The life of a session, from the load of its policy to its end, and the work that the end waits
-- for.
local uv = require "luv"
local edition = require "watchio.watch.edition"
local exit_status = require "watchio.base.exit_status"
local handles = require "watchio.watch.handles"
local mistake = require "watchio.base.mistake"
local ordered = require "watchio.base.ordered"
local protect = require "watchio.verbs.protect"
local waits = require "watchio.tasks.waits"

---@class watchio.Session
---@field edition watchio.Edition the policy at work
---@field loading boolean a policy loads: nothing is started yet
---@field begun? boolean a policy has loaded
---@field finishing boolean
---@field hurried? boolean what is under way gets no more time
---@field closed? boolean its monitor is gone
---@field status? integer with which the program is to exit
---@field private rehearses? boolean an end is told, too, and not done
---@field private work watchio.Ordered watchio.Work under way
---@field private ends fun()[] what is done before all else when it finishes or is closed
---@field private finished? fun() what is called when nothing is under way any more
local Session = {}

---@private
function Session:init_life()
  self.edition, self.work, self.ends = edition.new(), ordered.new(), {}
  self.loading, self.finishing = false, false
  protect.apply(self)
end

-- A policy ---------------------------------------------------------------------------------------

--- Does something now, or once the policy has loaded. Returns `meanwhile` if it has to wait.
---@param begin fun(): any
---@param meanwhile any
function Session:once_loaded(begin, meanwhile)
  if not self.loading then return begin() end
  self.edition:wait(begin)
  return meanwhile
end

--- A policy begins to load: nothing is started before `begin`.
function Session:start_loading() self.loading = true end

--- From now on actions, and the end, are only reported, not done.
function Session:rehearse()
  self.dry, self.rehearses = true, true
end

--- The policy has loaded: starts everything that had to wait.
function Session:begin()
  self.loading, self.begun = false, true
  protect.apply(self)
  self.edition:begin()
  if self.status then self:quit() end -- it has quit while it loaded
end

---@class watchio.SetAside the policy before, and what the session had come to with it
---@field edition watchio.Edition
---@field loading boolean
---@field status? integer

--- Makes room for another policy.
---@return watchio.SetAside before for `take_back`
function Session:set_aside()
  local before = { edition = self.edition, loading = self.loading, status = self.status }
  self.edition, self.status = edition.new(), nil
  return before
end

--- Restores the policy before.
---@param before watchio.SetAside
function Session:take_back(before)
  self.edition, self.loading, self.status = before.edition, before.loading, before.status
  protect.apply(self)
end

-- Work -------------------------------------------------------------------------------------------

---@class watchio.Work what a session that finishes waits for
---@field kind "command"|"kill"
---@field terminate? fun(self: watchio.Work) the session finishes: it is to come to its end
---@field kill? fun(self: watchio.Work) it gets no more time for that
---@field close? fun(self: watchio.Work) the session is closed before it has ended

--- Notes work that must finish before the session ends.
---@param work watchio.Work
function Session:begin_work(work) self.work:add(work) end

--- The work of one kind that is under way, in the order in which it began.
---@param kind string
---@return watchio.Work[]
function Session:works(kind)
  local list = {}
  for _, work in ipairs(self.work:list()) do
    if work.kind == kind then list[#list + 1] = work end
  end
  return list
end

--- Whether commands or kills are under way.
function Session:is_working() return #self.work > 0 end

-- Calls a method of all work that has it.
local function tell_work(self, method)
  for _, work in ipairs(self.work:list()) do
    if work[method] then work[method](work) end
  end
end

-- The end ----------------------------------------------------------------------------------------

--- Does something before all else when the session finishes, and again when it is closed.
---@param act fun() harmless twice
function Session:at_end(act) self.ends[#self.ends + 1] = act end

local function do_ends(self)
  for _, act in ipairs(self.ends) do
    act()
  end
end

local function finish_if_done(self)
  local done = self.finished
  if not done or self:is_working() then return end
  self.finished = nil
  done()
end

--- Stops watching, ends every command (TERM, five seconds, KILL), lets kills under way finish, then
--- calls `done`.
---@param done fun()
function Session:finish(done)
  if self.finishing then return end
  self.finishing, self.finished = true, done
  do_ends(self)
  waits.close(self)
  self.edition:stop_watches()
  self:cancel_alarms()
  tell_work(self, "terminate")
  finish_if_done(self)
end

--- Ends all running commands with KILL, and gives no more grace.
function Session:hurry()
  self.hurried = true
  tell_work(self, "kill")
end

--- Notes that work has finished.
---@param work watchio.Work
function Session:end_work(work)
  self.work:remove(work)
  finish_if_done(self)
end

--- Ends the loop with a status, after everything that this session started has ended.
---@param status? integer
function Session:quit(status)
  if self.rehearses then
    local reason = ("status %d"):format(status or 0)
    return self:record("quit", nil, { status = status or 0, reason = reason })
  end
  self.status = self.status or status or 0
  if not self.loading then self:finish(function() uv.stop() end) end
end

--- Ends the loop at once. Work under way is left as it is, and nobody waits for it.
---@param status integer
function Session:abandon(status)
  self.status = status
  uv.stop()
end

--- The exit status of a program that has run this session: the status of quit; 3 if nothing that
--- was to be watched was ever there; else 0.
---@return integer
function Session:exit_status()
  if self.status then return self.status end
  return self.watched and not self.seen and not self.dry and exit_status.NOTHING_TO_WATCH
    or exit_status.DONE
end

-- Replaces a closed monitor, for objects that outlive their session.
local closed_monitor = setmetatable({}, {
  __index = function() mistake.raise "watchio has quit: this belongs to the run before" end,
})

--- Frees everything; harmless twice. The closed handles go when the loop runs next.
function Session:close()
  if self.closed then return end
  do_ends(self)
  tell_work(self, "close")
  self.closed = true
  handles.close(self.edition)
  self.monitor:detach()
  self.monitor:close()
  self.monitor = closed_monitor
end

return Session
