-- SPDX-License-Identifier: MIT
-- A rehearsal runs dry what a policy does as soon as it has loaded. Verbs only say what they would
-- do. A function runs up to the first call with an effect that cannot be held back; that call is
-- named.
local uv = require "luv"
local action = require "watchio.tasks.action"
local handles = require "watchio.watch.handles"
local mistake = require "watchio.base.mistake"
local units = require "watchio.base.units"

local MOST <const> = 100 -- the most functions of after(0): each may set the next one

-- Functions of luv that only ask. A function that takes a callback answers later, on the loop.
local ASKS = {}
for name in
  ([[
  constants errno version version_string now hrtime gettimeofday clock_gettime update_time
  os_getpid os_getppid os_uname os_gethostname os_getenv os_environ os_homedir os_tmpdir
  os_get_passwd os_getpriority cwd exepath getuid getgid geteuid getegid getrusage loadavg uptime
  cpu_info interface_addresses get_total_memory get_free_memory resident_set_memory
  get_process_title guess_handle is_active is_closing has_ref translate_sys_error
  fs_stat fs_lstat fs_fstat fs_access fs_scandir fs_scandir_next fs_realpath fs_readlink fs_statfs
]]):gmatch "%S+"
do
  ASKS[name] = true
end

-- Modules whose functions touch only their arguments.
local HARMLESS = {
  watchio = true,
  luv = true,
  dkjson = true,
  string = true,
  table = true,
  math = true,
  utf8 = true,
  coroutine = true,
  _G = true,
}

---@class watchio.Rehearsal
---@field going boolean
---@field told table[] the records of the function that is rehearsed
---@field private holds? string what was opened or loaded that could have an effect
---@field private stopped? string the call that was refused
local Rehearsal = {}
Rehearsal.__index = Rehearsal

local rehearsal = {}

---@return watchio.Rehearsal
function rehearsal.new() return setmetatable({ going = false, told = {} }, Rehearsal) end

local function refuse(self, what)
  self.stopped = self.stopped or what
  mistake.raise(("%s is not done dry"):format(what))
end

-- Wraps a function so that it is refused during a rehearsal.
local function guarded(self, what, act)
  return function(...)
    if self.going then refuse(self, what) end
    return act(...)
  end
end

local function takes_function(...)
  for index = 1, select("#", ...) do
    if type((select(index, ...))) == "function" then return true end
  end
  return false
end

local function guarded_luv(self, library)
  local own = {}
  for name, value in pairs(library) do
    local what = "luv's " .. name
    own[name] = type(value) ~= "function" and value
      or function(...)
        if self.going and (not ASKS[name] or takes_function(...)) then refuse(self, what) end
        return value(...)
      end
  end
  return own
end

-- A file may be read. A file that is open for writing could be written at any time.
local function guarded_open(self, open)
  return function(path, mode)
    local reads = mode == nil or tostring(mode):find "^rb?$" ~= nil
    if self.going and not (reads and (uv.fs_stat(tostring(path)) or {}).type == "file") then
      refuse(self, "io.open")
    end
    local file, message, code = open(path, mode)
    if file and not reads then
      self.holds = self.holds or "holds a file that is open for writing"
    end
    return file, message, code
  end
end

local function guarded_require(self, require_it)
  local luv
  return function(name)
    if name == "luv" then
      luv = luv or guarded_luv(self, require_it(name))
      return luv
    end
    local is_known = HARMLESS[name] or self.own[name]
    if self.going and not is_known then
      refuse(self, ("require '%s'"):format(tostring(name)))
    end
    local value, path = require_it(name)
    if not is_known and not self.own[name] then
      self.holds = self.holds or ("requires '%s'"):format(tostring(name))
    end
    return value, path
  end
end

--- Wraps the functions that can have an effect.
---@param env table a policy's globals
---@param own table<string, boolean> its own modules, which see the same
function Rehearsal:guard(env, own)
  self.own = own
  env.io.open = guarded_open(self, env.io.open)
  for _, name in ipairs { "lines", "read", "input", "output", "tmpfile", "close" } do
    env.io[name] = guarded(self, "io." .. name, env.io[name])
  end
  for _, name in ipairs { "remove", "rename", "tmpname", "setlocale" } do
    env.os[name] = guarded(self, "os." .. name, env.os[name])
  end
  env.require = guarded_require(self, env.require)
end

-- Why a function cannot be run dry, or nil. The methods of handles and files are not wrapped, so an
-- open one could have an effect.
local function effect_at_hand(self, session)
  for handle in pairs(handles.of(session.edition)) do
    local ok, closing = pcall(uv.is_closing, handle)
    if ok and not closing then return "holds an open handle of luv" end
  end
  return self.holds
end

local function labels_since(session, known)
  local labels = {}
  for _, watch in ipairs(session.edition.watches:list()) do
    if not known[watch] then labels[#labels + 1] = watch.label end
  end
  return labels
end

---@class watchio.Rehearsed
---@field timer watchio.Timer
---@field told table[] the records of what it would do
---@field starts string[] the labels of the watches that it adds
---@field unsure? string why it was not run, or not to its end

local function rehearse(self, session, timer)
  local done = { timer = timer, told = {}, starts = {} }
  timer:stop()
  local reason = action.has_function(timer.act) and effect_at_hand(self, session)
  if reason then
    done.unsure = ("not run dry: the policy %s"):format(reason)
    return done
  end
  local known = {}
  for _, watch in ipairs(session.edition.watches:list()) do
    known[watch] = true
  end
  self.told, self.stopped, self.going = done.told, nil, true
  session:start(timer.act, nil, { type = timer.verb, time = session:now() / units.SECOND })
  self.going = false
  done.starts = labels_since(session, known)
  done.unsure = self.stopped and ("dry as far as %s, which has an effect"):format(self.stopped)
  return done
end

local function next_due(session)
  for _, timer in ipairs(session.edition.timers:list()) do
    if timer.verb == "after" and timer.ns == 0 then return timer end
  end
end

--- Runs dry the actions that a loaded policy does at once.
---@param session watchio.Session
---@return watchio.Rehearsed[]
function Rehearsal:perform(session)
  local all = {}
  if session.status then return all end
  session:rehearse()
  session:begin()
  local timer = next_due(session)
  while timer and #all < MOST do
    all[#all + 1] = rehearse(self, session, timer)
    timer = next_due(session)
  end
  return all
end

--- Takes the reports of a session while it rehearses.
---@param record table
---@return boolean taken
function Rehearsal:take(record)
  local is_refusal = record.event == "error" and self.stopped ~= nil
  if self.going and not is_refusal then self.told[#self.told + 1] = record end
  return self.going
end

return rehearsal
