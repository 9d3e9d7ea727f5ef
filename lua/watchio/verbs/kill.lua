-- SPDX-License-Identifier: MIT
-- kill { … }: ends a target for good, and says so only when it is gone.
local uv = require "luv"
local action = require "watchio.tasks.action"
local descendants = require "watchio.verbs.descendants"
local format = require "watchio.base.format"
local hunt = require "watchio.verbs.hunt"
local values = require "watchio.check.values"
local mistake = require "watchio.base.mistake"
local native = require "watchio.native"
local rails = require "watchio.verbs.rails"
local shape = require "watchio.check.shape"
local signals = require "watchio.check.signals"
local task = require "watchio.tasks.task"
local units = require "watchio.base.units"
local waits = require "watchio.tasks.waits"

local kill = {}

local SECOND = units.SECOND
local LOOK = SECOND // 10
local KILL, CONT = uv.constants.SIGKILL, uv.constants.SIGCONT
local AFTER_KILL = 5 * SECOND
local MOST = 10 -- targets of one watch within a minute

local active_at = setmetatable({}, { __mode = "k" }) -- target → its latest active event, in seconds

--- The target was found active, so an action for its idleness is out of date.
---@param target watchio.Target
---@param time number seconds
function kill.note_active(target, time) active_at[target] = time end

local STARVED = SECOND // 10 -- the time between two questions whether one starves

-- Reasons to spare a target only until it is idle again.
local MOVED, STARVES = "it moved again", "it waits for the cpu"

--- Whether a target was spared only for the moment.
---@param reason string?
---@return boolean
function kill.is_for_now(reason) return reason == MOVED or reason == STARVES end

local function starves(session, target)
  local answer = session.monitor:starves(target.id)
  while answer == "perhaps" do
    waits.pause(session, STARVED, target, true)
    answer = session.monitor:starves(target.id)
  end
  return answer == "yes"
end

-- Why a target is spared, if it is. An idle one is looked at once more: what moved since it was
-- found idle, or cannot be seen, is spared; also what is idle again by now, since other actions of
-- the list can take long.
local function spared(session, _, target, event)
  local was_idle = event and event.type == "idle"
  if was_idle and starves(session, target) then return STARVES end
  local reason = rails.spared(session, target)
  if reason or not was_idle then return reason end
  local seen = session.monitor:look(target.id)
  local latest = active_at[target]
  local was_active = latest and event.time and latest >= event.time
  if seen == "moved" or was_active then return MOVED end
  if seen == "unknown" then return "its counters cannot be read" end
end

-- The same, and where the target is less than a tree: whether a descendant of it is active. To find
-- that out can take long.
local function spared_for_others(session, spec, target, event)
  local reason = spared(session, spec, target, event)
  if reason or spec.alone then return reason end
  local busy, waited = descendants.busy(session, target)
  return busy or waited and spared(session, spec, target, event) or nil
end

local function pids_of(session, target, pinned)
  return hunt.finish(session, target, function(in_slices) return pinned:pids(in_slices) end)
end

-- Whether any process is left, including those that were forked since. The second look makes the
-- engine notice the end, so that `exit` follows `killed`.
local function is_left(session, target, pinned)
  local alive = hunt.finish(
    session,
    target,
    function(in_slices) return pinned:alive(in_slices) end
  )
  return alive or session.monitor:look(target.id) ~= "gone"
end

-- Waits until no process is left. Checks every 100 ms, and at once at the target's exit event.
local function wait_end(session, target, pinned, ns)
  local deadline = session:now() + ns
  while is_left(session, target, pinned) do
    local left = deadline - session:now()
    if left <= 0 then return false end
    waits.pause(session, math.min(left, LOOK), target, true)
  end
  return true
end

-- The time between the first signal and KILL; a session that hurries gives none.
local function wait_grace(session, target, pinned, ns)
  local deadline = session:now() + ns
  repeat
    local left = session.hurried and 0 or deadline - session:now()
    if wait_end(session, target, pinned, math.min(left, LOOK)) then return true end
  until left <= 0
  return false
end

-- The processes that are left, with their states: D waits for a device and takes no signal
-- meanwhile.
local function still_there(session, target, pinned)
  local left = {}
  for _, pid in ipairs(pids_of(session, target, pinned)) do
    local process = session.monitor:describe(pid)
    left[#left + 1] = process and ("%s[%d] (state %s)"):format(process.name, pid, process.state)
  end
  return "still there after KILL: " .. table.concat(left, ", ")
end

local function send(session, target, pinned, number, ends)
  return hunt.finish(
    session,
    target,
    function(in_slices) return pinned:signal(number, ends, in_slices) end
  )
end

-- Waits as long as it takes, or until watchio itself ends. Returns whether the target has ended.
local function wait_on(session, target, pinned)
  local reason = still_there(session, target, pinned)
  session:record("error", target, { reason = reason })
  repeat
    send(session, target, pinned, KILL) -- whoever was forked by one that has not got it yet
    local ended = wait_end(session, target, pinned, SECOND)
  until ended or session.finishing
  return not is_left(session, target, pinned), reason
end

-- Reports a signal: that it was sent, and why, or why not.
local function tell(session, target, fields, sent, message, code)
  if sent then
    session:record("kill", target, fields)
  elseif code ~= "ESRCH" then
    fields.reason = rails.reason(message, "CAP_KILL")
    rails.tell_failure(session, target, fields, code)
  end
  return sent, fields.reason, code
end

-- Sends KILL to all processes that are left, and again every second to those that were forked
-- meanwhile, even if the watch was stopped since. Returns whether all have ended.
local function kill_the_rest(session, target, pinned)
  local fields = { signal = "KILL", reason = "it is left after the grace" }
  local sent, reason, code = tell(session, target, fields, send(session, target, pinned, KILL))
  if not sent and code ~= "ESRCH" then return false, reason end
  for _ = 1, AFTER_KILL // SECOND do
    if wait_end(session, target, pinned, SECOND) then return true end
    send(session, target, pinned, KILL)
  end
  return wait_on(session, target, pinned)
end

-- A stopped process takes no signal but KILL before it is continued.
local function continue_stopped(session, target, pinned)
  for _, pid in ipairs(pids_of(session, target, pinned)) do
    local process = session.monitor:describe(pid)
    if process and process.state == "T" then return send(session, target, pinned, CONT) end
  end
end

local function finish_off(session, spec, target, pinned, why)
  local started, number = session:now(), spec.signal
  local fields = { signal = signals.name(number), reason = why }
  local sent, reason, code =
    tell(session, target, fields, send(session, target, pinned, number, true))
  if not sent then return code == "ESRCH", reason end
  if number ~= KILL then continue_stopped(session, target, pinned) end
  local grace_ns = number == KILL and AFTER_KILL or spec.grace_ns
  if not wait_grace(session, target, pinned, grace_ns) then
    number = KILL
    local ended, left = kill_the_rest(session, target, pinned)
    if not ended then return false, left end
  end
  session:record("killed", target, {
    signal = signals.name(number),
    seconds = (session:now() - started) / SECOND,
  })
  return true
end

-- The reason for the kill.
local function why_of(event)
  if not event then return nil end
  local was_idle = event.type == "idle" and event.idle_for
  if was_idle then return "idle for " .. format.span(was_idle) end
  return event.measure and event.measure .. " is over its limit" or event.type
end

-- To signal a large tree takes a while, so the reasons to spare it are checked once more.
local function refusal_of(session, spec, target, pinned, event)
  local before = session:now()
  local refusal = hunt.finish(
    session,
    target,
    function(in_slices) return pinned:refusal(in_slices) end
  )
  if refusal then return refusal end
  local reason = session:now() > before and spared(session, spec, target, event)
  if reason then return nil, reason end
  return rails.too_many(session, target, spec.most)
end

local function spare(session, target, reason)
  session:record("spared", target, { reason = reason })
  return false, reason
end

-- Ends the target, or reports why not. In a dry run it only reports.
local function begin(session, spec, target, pinned, event)
  local refusal, reason = refusal_of(session, spec, target, pinned, event)
  if reason then return spare(session, target, reason) end
  if session.finishing then return false, "watchio ends" end
  local why = why_of(event)
  local fields = { signal = signals.name(spec.signal), reason = refusal or why }
  if refusal then
    rails.tell_failure(session, target, fields, "EPERM")
    return false, refusal
  end
  if not session.dry then return finish_off(session, spec, target, pinned, why) end
  session:record("kill", target, fields)
  return true
end

---@class watchio.Ending: watchio.Work a kill under way
---@field kind "kill"
---@field pinned watchio.native.Pinned
---@field waiting fun(ok: boolean, reason: string?)[] later kills of the same target

local endings = setmetatable({}, { __mode = "k" }) -- target → its ending

-- A second kill of a target that is being ended waits for the first.
local function join(ending)
  return task.await(function(resume) ending.waiting[#ending.waiting + 1] = resume end)
end

local function end_target(session, spec, target, pinned, event)
  local ending = { kind = "kill", pinned = pinned, waiting = {} }
  function ending.close() pinned:close() end
  endings[target] = ending
  session:begin_work(ending)
  local ok, reason = begin(session, spec, target, pinned, event)
  pinned:close()
  endings[target] = nil
  session:end_work(ending)
  for _, resume in ipairs(ending.waiting) do
    resume(ok, reason)
  end
  return ok, reason
end

local function perform(self, target, event)
  local session, spec = self.session, self.options
  if not target then
    mistake.raise "kill: there is no target here (it ends the target of a watch)"
  end
  local ending = endings[target]
  if session.finishing and not ending then return false, "watchio ends" end
  local reason = (ending and spared or spared_for_others)(session, spec, target, event)
  if reason then return spare(session, target, reason) end
  ending = endings[target]
  if ending then return join(ending) end
  if session.finishing then return false, "watchio ends" end
  local pinned, message, code = session.pin(target.id)
  if pinned then return end_target(session, spec, target, pinned, event) end
  if code == "ESRCH" then return true end
  rails.tell_failure(session, target, { reason = message }, code)
  return false, message
end

local function most(value)
  local number = math.type(value) and math.tointeger(value)
  if number and number >= 1 then return number end
  return nil, ("bad value %s (want 1 or more)"):format(values.show(value))
end

local kill_shape = {
  keys = {
    signal = signals.number,
    grace = values.duration(),
    most = most,
    alone = values.boolean,
  },
}

local function check(options)
  local checked, message = shape.check(kill_shape, options or {})
  if not checked then return nil, message end
  return {
    signal = checked.signal or signals.number("TERM"),
    grace_ns = checked.grace or 10 * SECOND,
    most = checked.most or MOST,
    alone = checked.alone or false,
  }
end

local function text(options)
  local grace = native.format_duration(options.grace_ns)
  local who = options.alone and ", it alone" or ""
  return ("%s, KILL after %s%s"):format(signals.name(options.signal), grace, who)
end

--- An action that ends the target: signal, grace, KILL. It returns true when the target is gone.
---@param session watchio.Session
---@param options? watchio.KillOptions
---@return fun(target: watchio.Target, event: watchio.Event?): boolean?, string?
kill.new = action.define { name = "kill", check = check, text = text, perform = perform }

return kill
