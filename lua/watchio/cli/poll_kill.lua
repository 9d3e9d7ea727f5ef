-- SPDX-License-Identifier: MIT
-- watchio poll --kill: ends processes once none of them did I/O for the timeout.
local uv = require "luv"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local kill = require "watchio.verbs.kill"
local report = require "watchio.show.report"
local target_words = require "watchio.cli.target_words"
local targets = require "watchio.cli.targets"
local units = require "watchio.base.units"
local watch = require "watchio.watch.watch"

local poll_kill = {}

local SECOND = units.SECOND

-- The targets that are left. A target that was ended is gone, even if its exit is not reported yet.
local function targets_left(round)
  local left = {}
  for _, target in ipairs(round.watch:targets()) do
    if not round.gone[target.pid] then left[#left + 1] = target end
  end
  return left
end

local function are_all_idle(list)
  for _, target in ipairs(list) do
    if target.state ~= "idle" then return false end
  end
  return true
end

-- The kill of one target is done.
local function one_done(session, round, target, is_gone, is_spared)
  round.ending = round.ending - 1
  if is_gone then round.gone[target.pid] = true end
  round.refused = round.refused or not is_gone and not is_spared
  if round.ending > 0 then return end
  if #targets_left(round) == 0 then return session:quit(0) end
  if round.refused then session:quit(exit_status.NOT_PERMITTED) end
end

--- The state of one run: its watch, the ended targets (by pid), and how many kills are under way.
local function new_round(session)
  local round = { gone = {}, ending = 0, refused = false }
  local ended = kill.new(session, { most = math.maxinteger }) -- all were named on purpose

  --- When all are quiet, ends each. A target that moved at the last sample is spared, and the wait
  --- goes on.
  function round.look()
    local left = targets_left(round)
    if round.ending > 0 or not are_all_idle(left) then return end
    round.ending = #left
    for _, target in ipairs(left) do
      session:start(function()
        local gone, reason = ended(target, { type = "idle" })
        one_done(session, round, target, gone, kill.is_for_now(reason))
      end, target)
    end
  end

  function round.left()
    if session.finishing then return end
    if round.ending > 0 or #targets_left(round) > 0 then return round.look() end
    if next(round.gone) then return session:quit(0) end
    round.message = "nothing is left to watch"
    session:quit(exit_status.NOTHING_TO_WATCH)
  end

  function round.unreadable(target)
    round.message = ("%s[%d] cannot be read, so nothing is ended"):format(
      format.escape(target.name),
      target.pid
    )
    session:quit(exit_status.NOT_PERMITTED)
  end

  return round
end

local function start_watch(session, round, native, times)
  round.watch = watch.new(session, {
    every = times.step_ns / SECOND,
    idle = math.max(times.timeout_ns, 1) / SECOND,
    on_idle = round.look,
    on_exit = round.left,
    on_leave = round.left,
    on_unreadable = round.unreadable,
  }, { selector = native })
end

local function many(count) return format.count(count, "process", "es") end

local WIDE = { user = true, unit = true, cgroup = true }

-- Whether a TARGET names a user, a unit or a cgroup and nothing else, and so everything in it.
local function is_wide(selector)
  for key in pairs(selector) do
    if not WIDE[key] then return false end
  end
  return true
end

--- Why nothing is ended, or nil. Several TARGETs mean any of them, but with `nginx user=alice` a
--- user may mean both at once. Then all processes of alice would end.
---@param found watchio.Found
---@param words string[] the TARGETs
---@return string? message
function poll_kill.doubt(found, words)
  if #target_words.merge(found.list) == 1 then return nil end
  for index, selector in ipairs(found.list) do
    if is_wide(selector) then
      local other = words[index == 1 and 2 or 1]
      local form =
        "--kill: %s alone names %s (want %s,%s for what is both, or --any to end either)"
      return form:format(words[index], many(found.seen.counts[index]), other, words[index])
    end
  end
end

-- Says what will be ended: each TARGET, and how many processes it names now.
local function plan(found, words, timeout_ns)
  local parts = {}
  for index, word in ipairs(words) do
    parts[index] = ("%s (%s)"):format(word, many(found.seen.counts[index]))
  end
  return ("ends, with all they started, once quiet for %s: %s"):format(
    format.span(timeout_ns / SECOND),
    table.concat(parts, ", ")
  )
end

--- Watches the processes until they are quiet, and ends them.
---@param session watchio.Session
---@param poller watchio.Poller
---@param found watchio.Found
---@param words string[] the TARGETs
---@return integer status
---@return string? message
function poll_kill.run(session, poller, found, words)
  targets.tell { plan(found, words, poller.timeout_ns) }
  session:tell_to(report.new {})
  local round = new_round(session)
  start_watch(session, round, found.native, poller)
  uv.run()
  return session.status or exit_status.NOTHING_TO_WATCH, round.message
end

return poll_kill
