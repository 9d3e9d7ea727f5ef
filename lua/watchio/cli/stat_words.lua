-- SPDX-License-Identifier: MIT
-- The words of `watchio stat`: TARGETs, then perhaps INTERVAL and COUNT, as pidstat and vmstat take
-- them.
local durations = require "watchio.cli.durations"
local native = require "watchio.native"

local stat_words = {}

local function is_whole(word) return word:find "^%d+$" ~= nil end

-- A number that cannot be a pid, or a duration with a unit.
local function is_interval_only(word)
  return word:find "^%d" ~= nil
    and not is_whole(word)
    and native.duration(durations.value(word)) ~= nil
end

local function is_number(word) return is_whole(word) or is_interval_only(word) end

-- The place of INTERVAL: after a TARGET that is no number, or the first word that can only be an
-- interval.
local function place_of_interval(words)
  local last = #words
  local before = last
  while before > 0 and is_number(words[before]) do
    before = before - 1
  end
  local numbers = last - before
  if numbers == 0 then return nil end
  if before > 0 and numbers <= 2 then return before + 1 end
  for place = math.max(2, last - 1), last do
    if is_interval_only(words[place]) then return place end
  end
end

---@class watchio.StatWords
---@field targets string[]
---@field interval? string
---@field count? string
---@field note? string what to say of a number that could be a pid as well

-- A note about a number that is also the pid of a living process. Nobody means pid 1 or a kernel
-- thread by a number such as 2.
local function note_of(taken, describe)
  for _, word in ipairs(taken) do
    local pid = is_whole(word) and math.tointeger(tonumber(word))
    local process = pid and pid > 1 and pid < 1 << 22 and describe(pid)
    if process and not process.kernel_thread and not process.ended then
      return ("%s is an interval or a count here (want pid=%s for the process)"):format(
        word,
        word
      )
    end
  end
end

-- Numbers alone are pids. A note says so if the last one looks like an interval.
local function note_of_pids(words, describe)
  if #words < 2 then return nil end
  for _, word in ipairs(words) do
    if not is_whole(word) then return nil end
  end
  local last = words[#words]
  local pid = math.tointeger(tonumber(last))
  local process = pid and pid > 0 and pid < 1 << 22 and describe(pid)
  if process and pid > 1 and not process.kernel_thread then return nil end
  return ("%s is a pid here (want -i %s for the interval)"):format(last, last)
end

--- Splits the words into TARGETs, INTERVAL and COUNT.
---@param words string[] all of them
---@param describe fun(pid: integer): watchio.native.Process?
---@return watchio.StatWords
function stat_words.split(words, describe)
  local place = place_of_interval(words)
  if not place then return { targets = words, note = note_of_pids(words, describe) } end
  return {
    targets = table.move(words, 1, place - 1, 1, {}),
    interval = words[place],
    count = words[place + 1],
    note = note_of(table.move(words, place, #words, 1, {}), describe),
  }
end

return stat_words
