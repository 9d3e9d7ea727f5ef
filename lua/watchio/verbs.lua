-- The verbs of a policy, bound to one session. As fields of `require "watchio"` they are the same.
local defaults = require "watchio.defaults"
local kill = require "watchio.kill"
local log = require "watchio.log"
local matching = require "watchio.matching"
local mistake = require "watchio.mistake"
local notify = require "watchio.notify"
local run = require "watchio.run"
local schema = require "watchio.schema"
local selectors = require "watchio.selectors"
local target = require "watchio.target"
local timers = require "watchio.timers"
local watch = require "watchio.watch"

local verbs = {}

local function quit(session, status)
  local number = status == nil and 0 or math.type(status) and math.tointeger(status)
  if not number or number < 0 or number > 255 then
    mistake.raise(("quit: bad status %s (want 0 to 255)"):format(tostring(status)))
  end
  session:quit(number)
end

local function find(session, value)
  local natives = mistake.check("find", selectors.check(value))
  local pids = {}
  for index, process in ipairs(mistake.check("find", matching.find(session, natives))) do
    pids[index] = process.pid
  end
  return pids
end

local function io_of(session, pid)
  local counters, message, code = session.monitor:io(schema.pid("io", pid))
  if not counters then return nil, message, code end
  return target.measures(counters)
end

--- The verbs of one session; meta/watchio.lua tells what each does.
---@param session watchio.Session
---@return table<string, function>
function verbs.bind(session)
  return {
    watch = function(options) return watch.new(session, options) end,
    defaults = function(options) defaults.set(session, options) end,
    run = function(options) return run.new(session, options) end,
    kill = function(options) return kill.new(session, options) end,
    log = function(format, ...) return log.new(session, format, ...) end,
    notify = function(format, ...) return notify.new(session, format, ...) end,
    after = function(duration, value) return timers.after(session, duration, value) end,
    every = function(duration, value) return timers.every(session, duration, value) end,
    find = function(selector) return find(session, selector) end,
    io = function(pid) return io_of(session, pid) end,
    quit = function(status) quit(session, status) end,
  }
end

return verbs
