-- watchio poll --kill: ends processes once none of them did I/O for the timeout.
local uv = require "luv"
local kill = require "watchio.kill"
local report = require "watchio.report"
local watch = require "watchio.watch"

local NOTHING_TO_WATCH, NOT_PERMITTED = 3, 4
local SECOND = 1000000000

-- Who is left, each once. One that was ended is gone, though its exit may not have been told yet.
local function targets_left(round)
  local targets, seen = {}, {}
  for _, each in ipairs(round.watches) do
    for _, target in ipairs(each:targets()) do
      if not seen[target.pid] and not round.gone[target.pid] then targets[#targets + 1] = target end
      seen[target.pid] = true
    end
  end
  return targets
end

local function are_all_idle(targets)
  for _, target in ipairs(targets) do
    if target.state ~= "idle" then return false end
  end
  return true
end

--- The state of one run: its watches, who was ended (by pid), and how many kills are under way.
local function new_round(own)
  local round = { watches = {}, gone = {}, ending = 0, refused = false }
  local ended = kill.new(own, { most = math.maxinteger }) -- all were named on purpose

  local function one_done(target, is_gone, is_spared)
    round.ending = round.ending - 1
    if is_gone then round.gone[target.pid] = true end
    round.refused = round.refused or not is_gone and not is_spared
    if round.ending > 0 then return end
    if #targets_left(round) == 0 then return own:quit(0) end
    if round.refused then own:quit(NOT_PERMITTED) end
  end

  --- When all are quiet, ends each. One that moved at the last look is spared, and the wait
  --- goes on.
  function round.look()
    local targets = targets_left(round)
    if round.ending > 0 or not are_all_idle(targets) then return end
    round.ending = #targets
    for _, target in ipairs(targets) do
      own:start(function()
        local gone, reason = ended(target, { type = "idle" })
        one_done(target, gone, reason == "it moved again")
      end, target)
    end
  end

  function round.left()
    if own.finishing then return end
    if round.ending > 0 or #targets_left(round) > 0 then return round.look() end
    if next(round.gone) then return own:quit(0) end
    round.message = "nothing is left to watch"
    own:quit(NOTHING_TO_WATCH)
  end

  function round.unreadable(target)
    round.message = ("%s[%d] cannot be read, so nothing is ended"):format(target.name, target.pid)
    own:quit(NOT_PERMITTED)
  end

  return round
end

local function add_watches(own, round, selectors, times)
  for index, selector in ipairs(selectors) do
    local options = {
      every = times.step_ns / SECOND,
      idle = math.max(times.timeout_ns, 1) / SECOND,
      on_idle = round.look,
      on_exit = round.left,
      on_leave = round.left,
      on_unreadable = round.unreadable,
    }
    for key, value in pairs(selector) do options[key] = value end
    round.watches[index] = watch.new(own, options)
  end
end

--- Watches the processes until they were quiet, and ends them.
---@param own watchio.Session
---@param poller watchio.Poller
---@param selectors table[]
---@return integer status
---@return string? message
local function poll_kill(own, poller, selectors)
  own.on_record = report.new {}
  local round = new_round(own)
  add_watches(own, round, selectors, poller)
  uv.run()
  return own.status or NOTHING_TO_WATCH, round.message
end

return poll_kill
