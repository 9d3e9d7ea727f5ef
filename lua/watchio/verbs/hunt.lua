-- SPDX-License-Identifier: MIT
-- Hunts: an action on all processes of a target runs in slices, with the loop in between. So a tree
-- that forks fast delays nothing else.
local kept = require "watchio.base.kept"
local task = require "watchio.tasks.task"
local waits = require "watchio.tasks.waits"

local hunt = {}

local PAUSE = 1000000 -- ns

-- Target → the tasks that wait for the hunt under way there: two hunts at once would undo each
-- other.
local turns = setmetatable({}, { __mode = "k" })

local function take_turn(target)
  while turns[target] do
    local waiting = turns[target]
    task.await(function(resume) waiting[#waiting + 1] = resume end)
  end
  turns[target] = {}
  return setmetatable({}, {
    __close = function()
      local waiting = turns[target]
      turns[target] = nil
      for _, resume in ipairs(waiting) do
        resume()
      end
    end,
  })
end

local function go_on(session, target, slice, is_work)
  if not task.is_running() then return slice(false) end
  local _ <close> = take_turn(target)
  local done, message, code = slice(true)
  while code == "EAGAIN" do
    waits.pause(session, PAUSE, target, is_work)
    done, message, code = slice(true)
  end
  return done, message, code
end

--- Calls `slice(true)` until it is done, that is, until its third result is not "EAGAIN", and
--- returns the last results. A hunt finishes even while the session finishes. If the caller cannot
--- wait, `slice(false)` does all in one piece.
---@param session watchio.Session
---@param target watchio.Target
---@param slice fun(in_slices: boolean): any, string?, string?
---@return any
---@return string? message
---@return string? code
function hunt.finish(session, target, slice) return go_on(session, target, slice, true) end

-- Session → hunt that can be given up → its pinned processes.
local brief = kept(function() return {} end)

--- The same for a hunt that is given up when the session finishes meanwhile, or its processes are
--- dropped. Processes that it has stopped go on.
---@param session watchio.Session
---@param target watchio.Target
---@param pinned watchio.native.Pinned
---@param slice fun(in_slices: boolean): any, string?, string?
---@param is_held boolean somebody else closes `pinned`
---@return any
---@return string? message
---@return string? code
function hunt.finish_or_give_up(session, target, pinned, slice, is_held)
  local under_way, this = brief(session), {}
  under_way[this] = pinned
  local _ <close> = setmetatable({}, {
    __close = function()
      if under_way[this] and not is_held then pinned:close() end
      under_way[this] = nil
    end,
  })
  local done, message, code = go_on(session, target, function(in_slices)
    if session.finishing then return nil, "watchio ends", "ESRCH" end
    if not under_way[this] then return nil, "its watch has stopped", "ESRCH" end
    return slice(in_slices)
  end, false)
  under_way[this] = nil
  return done, message, code
end

--- Closes pinned processes, and gives up a hunt for them.
---@param session watchio.Session
---@param pinned watchio.native.Pinned
function hunt.drop(session, pinned)
  local under_way = brief(session)
  for each, its in pairs(under_way) do
    if its == pinned then under_way[each] = nil end
  end
  pinned:close()
end

return hunt
