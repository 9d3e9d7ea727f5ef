-- SPDX-License-Identifier: MIT
-- Waits once until a process does I/O.
local uv = require "luv"
local format = require "watchio.base.format"
local matching = require "watchio.check.matching"
local mistake = require "watchio.base.mistake"
local schema = require "watchio.check.schema"
local selecting = require "watchio.check.selectors"
local task = require "watchio.tasks.task"

local poll = {}

---@class watchio.Poller
---@field active { pid: integer, name: string, why: table }[] that moved at the last look
---@field unreadable table<integer, string> pid → why its counters cannot be read
---@field private named table<integer, integer> pid asked for by number → start_ticks
---@field private known table<integer, { start_ticks: integer, io: table<string, integer> }>
local Poller = {}
Poller.__index = Poller

local function difference(before, now)
  local moved = {}
  for name, value in pairs(now) do
    if value ~= before[name] then moved[name] = value - before[name] end
  end
  return next(moved) and { io = moved }
end

-- Whether a match counts: a pid names the process that had it at the first look.
local function counts(self, selector, process)
  if process.ended then return false end
  if not selector.pids then return true end
  local named = self.named[process.pid] or process.start_ticks
  self.named[process.pid] = named
  return named == process.start_ticks
end

-- The processes that match any selector, each once; a zombie has ended.
local function present(self)
  local processes = {}
  for _, selector in ipairs(self.selectors) do
    local found = mistake.check("poll", matching.find(self.session, { selector }))
    for _, process in ipairs(found) do
      if counts(self, selector, process) then processes[process.pid] = process end
    end
  end
  return processes
end

-- Reads one process. A new process, even with a known pid, only gets its first counters here.
local function inspect(self, process, before)
  local io, message, code = self.session.monitor:io(process.pid)
  if not io then
    if code ~= "ESRCH" then self.unreadable[process.pid] = message end
    return nil
  end
  local same = before and before.start_ticks == process.start_ticks
  local why = same and difference(before.io, io)
  if why then
    self.active[#self.active + 1] = { pid = process.pid, name = process.name, why = why }
  end
  return { start_ticks = process.start_ticks, io = io }
end

local function nothing_left(self)
  local _, reason = next(self.unreadable)
  if reason then return nil, reason, "EACCES" end
  return nil, "nothing is left to watch", "ESRCH"
end

--- Reads all processes now, without waiting.
---@return integer? changed how many processes did I/O since the last look
---@return string? message
---@return string? code
function Poller:update()
  local before = self.known
  self.known, self.active, self.unreadable = {}, {}, {}
  for pid, process in pairs(present(self)) do
    self.known[pid] = inspect(self, process, before[pid])
  end
  table.sort(self.active, function(a, b) return a.pid < b.pid end)
  if next(self.known) == nil then return nothing_left(self) end
  return #self.active
end

-- Unknown is never idle: only a process that could be read can have been quiet.
local function quiet_or_unknown(self)
  local _, reason = next(self.unreadable)
  if reason then return nil, reason, "EACCES" end
  return -1
end

-- Reads now and at every step until there is an answer.
local function wait(self, answer)
  local session = self.session
  local start, step = session:now(), 0
  local deadline = start + self.timeout_ns
  local function look()
    local count, message, code = self:update()
    if count ~= 0 then return answer(count, message, code) end
    local now = session:now()
    if now >= deadline then return answer(quiet_or_unknown(self)) end
    step = math.max(step, (now - start) // self.step_ns) + 1
    session:alarm(math.min(start + step * self.step_ns, deadline) - now, look)
  end
  look()
end

--- Waits until any process did I/O. I/O since the last look counts.
---@return integer? active how many processes, or -1 after the timeout without any
---@return string? message
---@return string? code
function Poller:poll()
  if task.is_running() or uv.loop_mode() then
    mistake.raise "poll: it runs the loop itself, so no handler can call it (want a watch)"
  end
  local result
  wait(self, function(...) result = table.pack(...) end)
  self.session:run_until(function() return result ~= nil or self.session.finishing end)
  if not result then return nil, "interrupted", "ECANCELED" end
  return table.unpack(result, 1, 3)
end

-- Every pid that is named must exist at the start.
local function check_pids(monitor, selectors)
  for _, selector in ipairs(selectors) do
    for _, pid in ipairs(selector.pids or {}) do
      local process, message, code = monitor:describe(pid)
      if not process then return nil, message, code end
      if process.ended then
        return nil, ("process %d has ended (a zombie)"):format(pid), "ESRCH"
      end
    end
  end
  return true
end

local function show_targets(targets)
  local words = {}
  for index, target in ipairs(targets) do
    words[index] = type(target) == "table" and selecting.text(target) or tostring(target)
  end
  return format.escape(table.concat(words, ", "))
end

local function all_selectors(verb, targets)
  if type(targets) ~= "table" then targets = { targets } end
  if #targets == 0 then
    mistake.raise(verb .. ": no targets (want a list of pids and names)")
  end
  local selectors = {}
  for _, target in ipairs(targets) do
    local more = mistake.check(verb, selecting.check(target))
    table.move(more, 1, #more, #selectors + 1, selectors)
  end
  return selectors, targets
end

--- Makes a poller; the counters are read for the first time here.
---@param session watchio.Session
---@param verb "new"|"poll" for messages
---@param targets (integer|string|table)[]
---@param options? { timeout: number|string, step: number|string }
---@return watchio.Poller?
---@return string? message
---@return string? code
function poll.new(session, verb, targets, options)
  local spec = schema.poll(verb, options)
  local selectors
  selectors, targets = all_selectors(verb, targets)
  local ok, message, code = check_pids(session.monitor, selectors)
  if not ok then return nil, message, code end
  local self = setmetatable({
    session = session,
    selectors = selectors,
    timeout_ns = spec.timeout_ns,
    step_ns = spec.step_ns,
    named = {},
    known = {},
    active = {},
    unreadable = {},
  }, Poller)
  local count
  count, message, code = self:update()
  if count then return self end
  if code == "ESRCH" then message = "no process matches " .. show_targets(targets) end
  return nil, message, code
end

return poll
