-- SPDX-License-Identifier: MIT
-- The verbs of a policy, bound to one session. As fields of `require "watchio"` they are the same.
local action = require "watchio.action"
local defaults = require "watchio.defaults"
local kill = require "watchio.kill"
local kinds = require "watchio.kinds"
local log = require "watchio.log"
local matching = require "watchio.matching"
local mistake = require "watchio.mistake"
local notify = require "watchio.notify"
local priority = require "watchio.priority"
local protect = require "watchio.protect"
local run = require "watchio.run"
local schema = require "watchio.schema"
local selectors = require "watchio.selectors"
local signal = require "watchio.signal"
local stop = require "watchio.stop"
local target = require "watchio.target"
local task = require "watchio.task"
local throttle = require "watchio.throttle"
local timers = require "watchio.timers"
local wait = require "watchio.wait"
local watch = require "watchio.watch"

local verbs = {}

local function check_status(status)
  local number = status == nil and 0 or math.type(status) and math.tointeger(status)
  if number and number >= 0 and number <= 255 then return { status = number } end
  return nil, ("bad status %s (want 0 to 255)"):format(kinds.show(status))
end

local quit_action = action.define {
  name = "quit",
  check = check_status,
  text = function(options) return tostring(options.status) end,
  perform = function(self) self.session:quit(self.options.status) end,
  unasked = true,
  while_loading = true,
}

-- As the value of a handler it is an action; where it stands alone, it is done.
local function quit(session, status)
  local act = quit_action(session, status)
  if not session.loading and not task.is_running() then act() end
  return act
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

-- How many arguments a verb takes; more are a mistake that would pass in silence.
local MOST = {
  watch = 1, defaults = 1, run = 1, kill = 1, find = 1, protect = 1, after = 2, every = 2, io = 1,
  quit = 1, signal = 1, throttle = 1, nice = 1, ionice = 2, sleep = 1, wait_exit = 1, wait_idle = 1,
}
local TAKES_TABLE = { watch = true, run = true, find = true, protect = true }

local function strict(unchecked)
  local bound = {}
  for name, verb in pairs(unchecked) do
    local most = MOST[name] or math.huge
    bound[name] = function(...)
      if select("#", ...) > most then
        local wanted = TAKES_TABLE[name] and "one, or a table of them" or most
        mistake.raise(("%s: %d values (want %s)"):format(name, select("#", ...), wanted))
      end
      return verb(...)
    end
    kinds.verbs[bound[name]] = name
  end
  return bound
end

--- The verbs of one session; meta/watchio.lua tells what each does.
---@param session watchio.Session
---@return table<string, function>
function verbs.bind(session)
  return strict {
    watch = function(options) return watch.new(session, options) end,
    defaults = function(options) defaults.set(session, options) end,
    run = function(options) return run.new(session, options) end,
    kill = function(options) return kill.new(session, options) end,
    signal = function(value) return signal.new(session, value) end,
    stop = function(...) return stop.new(session, ...) end,
    cont = function(...) return stop.new_cont(session, ...) end,
    nice = function(value) return priority.new_nice(session, value) end,
    ionice = function(class, level) return priority.new_ionice(session, class, level) end,
    throttle = function(options) return throttle.new(session, options) end,
    protect = function(names) protect.add(session, names) end,
    log = function(format, ...) return log.new(session, format, ...) end,
    notify = function(format, ...) return notify.new(session, format, ...) end,
    after = function(duration, value) return timers.after(session, duration, value) end,
    every = function(duration, value) return timers.every(session, duration, value) end,
    sleep = function(duration) return wait.sleep(session, duration) end,
    wait_exit = function(duration) return wait.exit(session, duration) end,
    wait_idle = function(duration) return wait.idle(session, duration) end,
    find = function(selector) return find(session, selector) end,
    io = function(pid) return io_of(session, pid) end,
    quit = function(status) return quit(session, status) end,
  }
end

return verbs
