-- SPDX-License-Identifier: MIT
-- Rails: the checks that every action on a target's processes makes.
local cure = require "watchio.base.cure"
local format = require "watchio.base.format"
local hunt = require "watchio.verbs.hunt"
local matching = require "watchio.check.matching"
local mistake = require "watchio.base.mistake"
local units = require "watchio.base.units"

local rails = {}

-- The kernel's error → advice.
local CURES = {
  ["operation not permitted"] = {
    "not permitted",
    "run as its user or as root, or give watchio ",
  },
  ["permission denied"] = {
    "a higher priority is not permitted",
    "run as root, or give watchio ",
  },
}

--- Why something was not done to a target, with advice.
---@param message string
---@param capability string that it takes
---@return string
function rails.reason(message, capability)
  local refusal = CURES[message:lower()]
  if not refusal then return message end
  local advice = cure.helps() and refusal[2] or "it takes "
  return ("%s (%s%s)"):format(refusal[1], advice, capability)
end

--- Reports why nothing was done, and returns the reason.
---@param session watchio.Session
---@param target watchio.Target
---@param fields table
---@param code string
---@return nil
---@return string reason
---@return string code
function rails.tell_failure(session, target, fields, code)
  local refused = code == "EPERM" or code == "EACCES"
  session:record(refused and "refused" or "error", target, fields)
  return nil, fields.reason, code
end

--- Why a target is spared, or nil: an exec may have made another program of it, and once its watch
--- has stopped nobody knows.
---@param session watchio.Session
---@param target watchio.Target
---@return string?
function rails.spared(session, target)
  if target.state == "left" or not matching.still_matches(session, target.id) then
    return "it is another program now"
  end
  if not session.monitor:target(target.id) and target:alive() then
    return "its watch has stopped"
  end
end

local counted = setmetatable({}, { __mode = "k" }) -- watch → { [target] = when it was let through }

--- Whether another target of its watch may be ended: at most `most` within a minute, each counted
--- once. If it may, it is counted.
---@param session watchio.Session
---@param target watchio.Target
---@param most integer
---@return string? refusal
function rails.too_many(session, target, most)
  local now, snapshot = session:now(), session.monitor:target(target.id)
  local observer = snapshot and session.observers:of(snapshot.watch)
  local watch = observer and observer.watch or session
  local times, count = counted[watch] or {}, 0
  counted[watch] = times
  for id, at in pairs(times) do
    if now - at >= units.MINUTE then
      times[id] = nil
    elseif id ~= target.id then
      count = count + 1
    end
  end
  if count >= most then
    local reason = "more than %s of this watch within a minute (want kill { most = … })"
    return reason:format(format.count(most, "target"))
  end
  times[target.id] = now
end

--- Hands the counts of a watch to the watch in its place after a reload.
---@param old watchio.Watch
---@param now watchio.Watch
function rails.hand_over(old, now) counted[now] = counted[old] end

---@class watchio.Act something done to all processes of a target
---@field verb string also the event that tells of it
---@field fields table what the event tells
---@field capability string that it takes where it is not permitted
---@field is_signal boolean the protected are spared
---@field perform fun(pinned: watchio.native.Pinned, in_slices: boolean): true?, string?, string?

-- Acts; in a dry run it only checks whether it would act.
local function slice(session, act, pinned, in_slices)
  if not session.dry then return act.perform(pinned, in_slices) end
  if not act.is_signal then return true end
  local refusal, message, code = pinned:refusal(in_slices)
  if refusal then return nil, refusal, "EPERM" end
  if code then return nil, message, code end
  return true
end

local function perform(session, target, act, pinned, is_held)
  return hunt.finish_or_give_up(
    session,
    target,
    pinned,
    function(in_slices) return slice(session, act, pinned, in_slices) end,
    is_held
  )
end

-- The processes to act on; nil and the reason if there are none, or they are no longer the right
-- ones.
local function hold(session, target, act)
  if not target then
    mistake.raise(act.verb .. ": there is no target here (it acts on the target of a watch)")
  end
  local spared = rails.spared(session, target)
  if not spared then return session.pin(target.id) end
  session:record("spared", target, { reason = spared })
  return nil, spared, "ESRCH"
end

--- Acts on all processes of a target, or reports why not.
---@param session watchio.Session
---@param target watchio.Target?
---@param act watchio.Act
---@param held? watchio.native.Pinned when they are held already
---@return true?
---@return string? message
---@return string? code
---@return watchio.native.Pinned? pinned of what was done; the caller closes it
function rails.act(session, target, act, held)
  local pinned, message, code = held, nil, nil
  if not held then
    pinned, message, code = hold(session, target, act)
  end
  if not pinned then return nil, message, code end
  local done
  done, message, code = perform(session, target, act, pinned, held ~= nil)
  if done then
    session:record(act.verb, target, act.fields)
    return true, nil, nil, pinned
  end
  if not held then pinned:close() end
  if code == "ESRCH" then return nil, message, code end
  local fields = { reason = rails.reason(message, act.capability) }
  for name, value in pairs(act.fields) do
    fields[name] = value
  end
  return rails.tell_failure(session, target, fields, code)
end

--- Acts once, and keeps nothing.
---@param session watchio.Session
---@param target watchio.Target?
---@param act watchio.Act
---@return true?
---@return string? message
---@return string? code
function rails.act_once(session, target, act)
  local done, message, code, pinned = rails.act(session, target, act)
  if pinned then pinned:close() end
  return done, message, code
end

--- The results of an action: a failure ends its list.
---@param done true?
---@param message string?
---@return boolean
---@return string?
function rails.result(done, message) return done or false, message end

return rails
