-- SPDX-License-Identifier: MIT
-- nice(10) and ionice("idle"): the priorities of a target. On Linux each thread has its own, so
-- they are set for all threads of all its processes. Processes that these start inherit them.
local action = require "watchio.tasks.action"
local kept = require "watchio.base.kept"
local values = require "watchio.check.values"
local native = require "watchio.native"
local rails = require "watchio.verbs.rails"

local priority = {}

local LOWEST, HIGHEST = -20, 19
local LEVELS = 7
local MIDDLE = 4 -- what ionice(1) takes, too

local function check_nice(value)
  local number = math.type(value) and math.tointeger(value)
  if number and number >= LOWEST and number <= HIGHEST then return { nice = number } end
  return nil, ("bad value %s (want -20 to 19)"):format(values.show(value))
end

local check_class = values.one_of("idle", "best-effort", "realtime")

local function check_ionice(class, level)
  local known, message = check_class(class)
  if not known then return nil, message end
  if class == "idle" then
    if level == nil then return { class = class } end
    return nil, "the class idle has no level"
  end
  local number = level == nil and MIDDLE or math.type(level) and math.tointeger(level)
  if number and number >= 0 and number <= LEVELS then
    return { class = class, level = number }
  end
  return nil, ("bad level %s (want 0 to 7)"):format(values.show(level))
end

local WITHOUT_EFFECT = {
  nice = "nice acts only among the processes of one session here (kernel.sched_autogroup_enabled "
    .. "is 1; what acts is CPUWeight= of a unit, or throttle { cpu = … })",
  ionice = "ionice does nothing here: no disk has the scheduler bfq or mq-deadline "
    .. "(want throttle { write_bytes = … })",
}

local told_of = kept(function() return {} end) -- session → the verbs that were looked into

-- Reports once if a priority has no effect on this machine. A process tree elsewhere belongs to
-- another machine.
local function tell_effect(session, verb)
  local told = told_of(session)
  if session.root or told[verb] then return end
  told[verb] = true
  if native.priority_acts(verb) then return end
  session:record("log", nil, { message = WITHOUT_EFFECT[verb] })
end

local function set(session, target, verb, options, perform)
  if target then tell_effect(session, verb) end
  return rails.act_once(session, target, {
    verb = verb,
    fields = options,
    capability = "CAP_SYS_NICE",
    is_signal = false,
    perform = perform,
  })
end

--- Sets the nice value.
---@param session watchio.Session
---@param target watchio.Target?
---@param options { nice: integer }
function priority.nice(session, target, options)
  return set(
    session,
    target,
    "nice",
    options,
    function(pinned, in_slices) return pinned:nice(options.nice, in_slices) end
  )
end

--- Sets the I/O priority.
---@param session watchio.Session
---@param target watchio.Target?
---@param options { class: string, level?: integer }
function priority.ionice(session, target, options)
  return set(
    session,
    target,
    "ionice",
    options,
    function(pinned, in_slices) return pinned:ionice(options.class, options.level, in_slices) end
  )
end

priority.check_nice, priority.check_ionice = check_nice, check_ionice

local function define(verb, check, text, perform)
  return action.define {
    name = verb,
    check = check,
    text = text,
    perform = function(self, target)
      if self.session.finishing then return false, "watchio ends" end
      return rails.result(perform(self.session, target, self.options))
    end,
  }
end

--- An action that sets the nice value.
---@param session watchio.Session
---@param value integer
priority.new_nice = define(
  "nice",
  check_nice,
  function(options) return tostring(options.nice) end,
  priority.nice
)

--- An action that sets the I/O priority.
---@param session watchio.Session
---@param class "idle"|"best-effort"|"realtime"
---@param level? integer
priority.new_ionice = define(
  "ionice",
  check_ionice,
  function(options)
    return options.level and ("%s %d"):format(options.class, options.level) or options.class
  end,
  priority.ionice
)

return priority
