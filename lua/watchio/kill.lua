-- kill { … }: ends a target for good, and says so only when it is gone.
local uv = require "luv"
local action = require "watchio.action"
local kinds = require "watchio.kinds"
local matching = require "watchio.matching"
local mistake = require "watchio.mistake"
local native = require "watchio.native"
local shape = require "watchio.shape"
local signals = require "watchio.signals"
local task = require "watchio.task"

local kill = {}

local SECOND = 1000000000
local LOOK = SECOND // 10
local KILL = uv.constants.SIGKILL
local AFTER_KILL = 5 * SECOND

-- Why a target is spared, if it is. An exec can have made another program of it. An idle one is
-- looked at once more: what moved since it was found idle, or cannot be seen, is spared; also what
-- is idle again by now, since other actions of the list can take long.
local function spared(session, target, event)
  if target.state == "left" or not matching.still_matches(session, target.id) then
    return "it is another program now"
  end
  if not event or event.type ~= "idle" then return nil end
  local seen = session.monitor:look(target.id)
  local active_at = session.active_at[target]
  local was_active = active_at and event.time and active_at >= event.time
  if seen == "moved" or was_active then return "it moved again" end
  if seen == "unknown" then return "its counters cannot be read" end
end

-- Whether anything of the target is left: a process that was there at the start, or one that was
-- forked since.
local function is_left(session, target, pinned)
  return pinned:alive() or session.monitor:look(target.id) ~= "gone"
end

-- Waits until nothing is left; looks every 100 ms, and at once at its exit event.
local function wait_end(session, target, pinned, ns)
  local deadline = session:now() + ns
  while is_left(session, target, pinned) do
    local left = deadline - session:now()
    if left <= 0 then return false end
    session:sleep(math.min(left, LOOK), target)
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

local STILL_THERE = "still there after KILL (uninterruptible)"

-- Waits as long as it takes, or until watchio itself ends; says whether the target has ended.
local function wait_on(session, target, pinned)
  session:record("error", target, { reason = STILL_THERE })
  repeat
    local ended = wait_end(session, target, pinned, SECOND)
  until ended or session.finishing
  return not is_left(session, target, pinned)
end

-- Tells of a signal: that it was sent, or why not.
local function tell(session, target, number, sent, message, code)
  if sent then
    session:record("kill", target, { signal = signals.name(number) })
  elseif code ~= "ESRCH" then
    session:record(code == "EPERM" and "refused" or "error", target, {
      signal = signals.name(number),
      reason = message,
    })
  end
  return sent, message, code
end

-- KILL for all that is left, and again every second for what was forked meanwhile. The pins know
-- who was there at the start, also when the watch was stopped since. Says whether all have ended.
local function kill_the_rest(session, target, pinned)
  for round = 1, AFTER_KILL // SECOND do
    local sent, message, code = session.signal(target.id, KILL)
    if not sent then sent, message, code = pinned:signal(KILL) end
    if round == 1 then tell(session, target, KILL, sent, message, code) end
    if wait_end(session, target, pinned, SECOND) then return true end
  end
  return wait_on(session, target, pinned)
end

local function finish_off(session, spec, target, pinned)
  local started = session:now()
  local number = spec.signal
  local sent, message, code = tell(session, target, number, session.signal(target.id, number))
  if not sent then return code == "ESRCH", message end
  local grace_ns = number == KILL and AFTER_KILL or spec.grace_ns
  if not wait_grace(session, target, pinned, grace_ns) then
    number = KILL
    if not kill_the_rest(session, target, pinned) then return false, STILL_THERE end
  end
  session:record("killed", target, {
    signal = signals.name(number),
    seconds = (session:now() - started) / SECOND,
  })
  return true
end

local function pin_and_finish(session, spec, target)
  local pinned, message, code = session.pin(target.id)
  if pinned then
    local ok, reason = finish_off(session, spec, target, pinned)
    pinned:close()
    return ok, reason
  end
  if code == "ESRCH" then return true end
  session:record(code == "EPERM" and "refused" or "error", target, { reason = message })
  return false, message
end

-- A second kill of a target that is being ended waits for the first.
local function join_or_do(session, spec, target)
  local waiting = session.kills[target.id]
  if waiting then
    return task.await(function(resume) waiting[#waiting + 1] = resume end)
  end
  waiting = {}
  session.kills[target.id] = waiting
  local ok, reason = pin_and_finish(session, spec, target)
  session:forget_kill(target)
  for _, resume in ipairs(waiting) do resume(ok, reason) end
  return ok, reason
end

local function perform(self, target, event)
  local session, spec = self.session, self.options
  if not target then
    mistake.raise "kill: there is no target here (it ends the target of a watch)"
  end
  if session.finishing and not session.kills[target.id] then return false, "watchio ends" end
  local reason = spared(session, target, event)
  if reason then
    session:record("spared", target, { reason = reason })
    return false, reason
  end
  if session.dry then
    session:record("kill", target, { signal = signals.name(spec.signal) })
    return true
  end
  return join_or_do(session, spec, target)
end

local kill_shape = { keys = { signal = signals.number, grace = kinds.duration() } }

local function check(options)
  local values, message = shape.check(kill_shape, options or {})
  if not values then return nil, message end
  return {
    signal = values.signal or signals.number("TERM"),
    grace_ns = values.grace or 10 * SECOND,
  }
end

local function text(options)
  local grace = native.format_duration(options.grace_ns)
  return ("%s, KILL after %s"):format(signals.name(options.signal), grace)
end

--- An action that ends the target: signal, grace, KILL. It returns true when the target is gone.
---@param session watchio.Session
---@param options? watchio.KillOptions
---@return fun(target: watchio.Target, event: watchio.Event?): boolean?, string?
kill.new = action.define { name = "kill", check = check, text = text, perform = perform }

return kill
