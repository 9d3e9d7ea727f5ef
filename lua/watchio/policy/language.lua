-- SPDX-License-Identifier: MIT
-- The verbs of a policy, bound to one session. As fields of `require "watchio"` they are the same.
local action = require "watchio.tasks.action"
local defaults = require "watchio.watch.defaults"
local kill = require "watchio.verbs.kill"
local values = require "watchio.check.values"
local log = require "watchio.verbs.log"
local matching = require "watchio.check.matching"
local mistake = require "watchio.base.mistake"
local notify = require "watchio.verbs.notify"
local priority = require "watchio.verbs.priority"
local protect = require "watchio.verbs.protect"
local run = require "watchio.verbs.run"
local schema = require "watchio.check.schema"
local selectors = require "watchio.check.selectors"
local signal = require "watchio.verbs.signal"
local stop = require "watchio.verbs.stop"
local target = require "watchio.watch.target"
local task = require "watchio.tasks.task"
local throttle = require "watchio.verbs.throttle"
local timers = require "watchio.watch.timers"
local wait = require "watchio.verbs.wait"
local watch = require "watchio.watch.watch"

local verbs = {}

local function check_status(status)
  local number = status == nil and 0 or math.type(status) and math.tointeger(status)
  if number and number >= 0 and number <= 255 then return { status = number } end
  return nil, ("bad status %s (want 0 to 255)"):format(values.show(status))
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
  watch = 1,
  defaults = 1,
  run = 1,
  kill = 1,
  find = 1,
  protect = 1,
  after = 2,
  every = 2,
  io = 1,
  quit = 1,
  signal = 1,
  throttle = 1,
  nice = 1,
  ionice = 2,
  sleep = 1,
  wait_exit = 1,
  wait_idle = 1,
}
local TAKES_TABLE = { watch = true, run = true, find = true, protect = true }

-- What each does, with the session in front; meta/watchio.lua tells users.
local all = {
  watch = watch.new,
  defaults = defaults.set,
  run = run.new,
  kill = kill.new,
  signal = signal.new,
  stop = stop.new,
  cont = stop.new_cont,
  nice = priority.new_nice,
  ionice = priority.new_ionice,
  throttle = throttle.new,
  protect = protect.add,
  log = log.new,
  notify = notify.new,
  after = timers.after,
  every = timers.every,
  sleep = wait.sleep,
  wait_exit = wait.exit,
  wait_idle = wait.idle,
  find = find,
  io = io_of,
  quit = quit,
}

local function check_count(name, count)
  local most = MOST[name] or math.huge
  if count <= most then return end
  local wanted = TAKES_TABLE[name] and "one, or a table of them" or most
  mistake.raise(("%s: %d values (want %s)"):format(name, count, wanted))
end

--- The names of all verbs, in no order.
---@return string[]
function verbs.names()
  local names = {}
  for name in pairs(all) do
    names[#names + 1] = name
  end
  return names
end

--- The verbs of one session.
---@param session watchio.Session
---@return table<string, function>
function verbs.bind(session)
  local bound = {}
  for name, verb in pairs(all) do
    bound[name] = function(...)
      check_count(name, select("#", ...))
      return verb(session, ...)
    end
    values.verbs[bound[name]] = name
  end
  return bound
end

return verbs
