-- SPDX-License-Identifier: MIT
-- The one table of a policy's verbs, bound to a session. A policy's scope and the fields of
-- `require "watchio"` come from it.
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
local tables = require "watchio.base.tables"
local targets = require "watchio.watch.target"
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

-- As the value of a handler, quit is an action. Called alone, it acts.
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
  return targets.measures(counters)
end

-- The verbs. `does` is the function, which takes the session as its first argument. `most` is how
-- many arguments a verb takes, since more would be ignored in silence; a verb without `most` checks
-- that itself. With `takes_table`, one argument may be a table of several. meta/watchio.lua
-- documents them.
local all = {
  watch = { does = watch.new, most = 1, takes_table = true },
  defaults = { does = defaults.set, most = 1 },
  run = { does = run.new, most = 1, takes_table = true },
  kill = { does = kill.new, most = 1 },
  signal = { does = signal.new, most = 1 },
  stop = { does = stop.new },
  cont = { does = stop.new_cont },
  nice = { does = priority.new_nice, most = 1 },
  ionice = { does = priority.new_ionice, most = 2 },
  throttle = { does = throttle.new, most = 1 },
  protect = { does = protect.add, most = 1, takes_table = true },
  log = { does = log.new },
  notify = { does = notify.new },
  after = { does = timers.after, most = 2 },
  every = { does = timers.every, most = 2 },
  sleep = { does = wait.sleep, most = 1 },
  wait_exit = { does = wait.exit, most = 1 },
  wait_idle = { does = wait.idle, most = 1 },
  find = { does = find, most = 1, takes_table = true },
  io = { does = io_of, most = 1 },
  quit = { does = quit, most = 1 },
}

local function check_count(name, verb, count)
  if not verb.most or count <= verb.most then return end
  local wanted = verb.takes_table and "one, or a table of them" or verb.most
  mistake.raise(("%s: %d values (want %s)"):format(name, count, wanted))
end

--- The names of all verbs, in order.
---@return string[]
function verbs.names() return tables.keys(all) end

--- The verbs of one session.
---@param session watchio.Session
---@return table<string, function>
function verbs.bind(session)
  local bound = {}
  for name, verb in pairs(all) do
    bound[name] = function(...)
      check_count(name, verb, select("#", ...))
      return verb.does(session, ...)
    end
    values.verbs[bound[name]] = name
  end
  return bound
end

return verbs
