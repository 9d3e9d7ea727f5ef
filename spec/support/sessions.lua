-- SPDX-License-Identifier: MIT
-- Sessions on the virtual clock over a fake /proc tree, with fake commands and fake signals.
local busted = require "busted"
local fake_proc = require "spec.support.fake_proc"
local leaks = require "spec.support.leaks"
local policy = require "watchio.policy.load"
local reload = require "watchio.policy.reload"
local session = require "watchio.watch.session"
local verbs = require "watchio.policy.language"

local sessions = {}

-- A command that is only a table: `finish(status, signal)` ends it.
local function fake_group(it, options, on_exit)
  it.next_pid = it.next_pid + 1
  local group = { pid = it.next_pid, options = options, signals = {}, members = 1 }
  function group.signal(_, number)
    group.signals[#group.signals + 1] = number
    return true
  end
  function group.alive() return group.members > 0 end
  function group.release(_, on_end) on_end() end
  function group.finish(status, signal)
    group.members = group.members - 1
    on_exit(status or 0, signal or 0)
  end
  return group
end

local function spawner(it)
  return function(options, on_exit)
    if it.cannot_spawn then return nil, it.cannot_spawn, "ENOENT" end
    local group = fake_group(it, options, on_exit)
    it.commands[#it.commands + 1] = group
    return group
  end
end

-- Signals only take note; `it.on_signal(pid, number)` says what they do.
local function send(it, pid, number)
  it.signals[#it.signals + 1] = { pid = pid, number = number, at = it:now() }
  return it.on_signal(pid, number)
end

-- What one thing does to all of them, as the engine tells of it.
local function to_all(pids, act)
  local sent, message, code = nil, "no such process", "ESRCH"
  for _, pid in ipairs(pids) do
    local taken, why, how = act(pid)
    sent = sent or taken
    if not taken then
      message, code = why, how
    end
  end
  if sent then return true end
  return nil, message, code
end

-- Pins as they are, but for what reaches a process: the pids of a fake tree are none.
local function pinner(it)
  return function(id)
    local real, message, code = it.session.monitor:pin(id)
    if not real then return nil, message, code end
    local pinned, slices = {}, 0
    for _, name in ipairs { "alive", "pids", "refusal", "close" } do
      pinned[name] = function() return real[name](real) end
    end
    function pinned.signal(_, number, _, in_slices)
      real:alive() -- raises when it is closed
      if in_slices and slices < it.slices then
        slices = slices + 1
        return nil, "there is more to do", "EAGAIN"
      end
      slices = 0
      local refusal = real:refusal()
      if refusal then return nil, refusal, "EPERM" end
      return to_all(real:pids(), function(pid) return send(it, pid, number) end)
    end
    local function prioritise(...)
      it.priorities[#it.priorities + 1] = { pids = real:pids(), ... }
      return it.on_priority(...)
    end
    function pinned.nice(_, value) return prioritise(value) end
    function pinned.ionice(_, class, level) return prioritise(class, level) end
    return pinned
  end
end

---@class VirtualSession
---@field session watchio.Session
---@field proc FakeProc
---@field verbs table<string, function>
---@field records table[] all that was told
---@field printed string[] the lines of `print`
---@field commands table[] all that was started
---@field slices integer how often a signal asks to be gone on with before it is sent
---@field signals table[] all that was signalled
---@field priorities table[] all that was set
local Virtual = {}
Virtual.__index = Virtual

---@class SessionOptions
---@field dry? boolean
---@field verbose? boolean
---@field budget_ns? integer
---@field memory? integer

local function native_session(it, options)
  return session.new {
    root = it.proc.root,
    virtual = true,
    dry = options.dry,
    verbose = options.verbose,
    budget_ns = options.budget_ns,
    memory = options.memory,
    spawn = spawner(it),
    pin = pinner(it),
    on_record = function(record)
      record.at = it:now()
      it.records[#it.records + 1] = record
    end,
  }
end

-- Makes a table a session that has just begun, whatever it was before.
local function open(it, options)
  for key in pairs(it) do
    it[key] = nil
  end
  it.proc = fake_proc.new()
  for _, list in ipairs { "records", "printed", "commands", "signals", "priorities" } do
    it[list] = {}
  end
  it.next_pid, it.slices = 5000, 0
  it.on_signal = function() return true end
  it.on_priority = function() return true end
  it.session = native_session(it, options or {})
  it.verbs = verbs.bind(it.session)
  return it
end

--- Makes a session; `it:close()` ends it.
---@param options? SessionOptions
---@return VirtualSession
function sessions.new(options) return open(setmetatable({}, Virtual), options) end

--- Makes a session for each case of the block that calls this: it is opened before the case, closed
--- after it, and must leave nothing behind. The table is the same one in all cases.
---@param options? SessionOptions
---@return VirtualSession
function sessions.fixture(options)
  local it, before = setmetatable({}, Virtual), nil
  busted.before_each(function()
    before = leaks.before()
    open(it, options)
  end)
  busted.after_each(function()
    it:close()
    leaks.check(before)
  end)
  return it
end

local function load(self, source, args)
  local read = source.path and assert(policy.read(source.path)) or policy.chunk(source.text)
  local module = package.loaded.watchio
  local ok, message = policy.load(
    self.session,
    read,
    args or {},
    function(text) self.printed[#self.printed + 1] = text:gsub("\n$", "") end
  )
  package.loaded.watchio = module
  return ok, message
end

--- Loads a policy from its text, or from a file, and starts it.
---@param source { text: string } | { path: string }
---@param args? string[]
function Virtual:run(source, args)
  assert(load(self, source, args))
  self.session:begin()
end

--- Puts another policy in the place of the one that runs.
---@param text string
---@return boolean loaded
function Virtual:reload(text)
  return reload.perform(self.session, function() return load(self, { text = text }) end)
end

--- Seconds since the session began.
function Virtual:now() return self.session:now() / 1e9 end

function Virtual:advance(duration) self.session:advance(duration) end

--- The names of the events told so far, in order: "start active idle".
---@param wanted? string[] only these
---@return string
function Virtual:told(wanted)
  local names, only = {}, nil
  if wanted then
    only = {}
    for _, name in ipairs(wanted) do
      only[name] = true
    end
  end
  for _, record in ipairs(self.records) do
    if not only or only[record.event] then names[#names + 1] = record.event end
  end
  return table.concat(names, " ")
end

--- The first record of an event.
---@param event string
function Virtual:record(event)
  for _, record in ipairs(self.records) do
    if record.event == event then return record end
  end
end

--- Ends the session and begins another in its place, with other options.
---@param options? SessionOptions
function Virtual:reopen(options)
  self:close()
  open(self, options)
end

function Virtual:close()
  self.session:close()
  self.proc:remove()
end

return sessions
