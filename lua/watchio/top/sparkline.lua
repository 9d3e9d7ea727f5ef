-- SPDX-License-Identifier: MIT
-- Sparklines show how active a target was in the last minute, a few seconds a character.

local sparkline = {}

sparkline.WIDTH = 12
sparkline.SECONDS = 60 // sparkline.WIDTH -- a character

local BARS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local ASCII = { ".", ":", "-", "=", "+", "*", "#", "@" }
local LEAST = 0.01 -- activity of the lowest bar; each bar is half a decade

---@class watchio.History the most active moment of each stretch; what is missing was quiet
---@field latest integer the stretch that was added to last

--- Adds how active the target was.
---@param history watchio.History? nil: it was quiet for a minute
---@param stretch integer the number of the stretch of time
---@param activity number|false false: nothing is known
---@return watchio.History? history nil while there is nothing to show
function sparkline.add(history, stretch, activity)
  if not history then
    if not activity or activity <= 0 then return nil end
    history = { latest = stretch }
  end
  local is_old = stretch - history.latest >= sparkline.WIDTH
  if is_old then return sparkline.add(nil, stretch, activity) end
  for missed = history.latest + 1, stretch do
    history[missed % sparkline.WIDTH] = nil
  end
  history.latest = stretch
  local slot = stretch % sparkline.WIDTH
  local before = history[slot]
  if before then activity = math.max(before, activity or 0) end
  if activity ~= 0 then history[slot] = activity end
  return history
end

local function level(activity)
  local height = math.floor(2 * math.log(activity / LEAST, 10)) + 1
  return math.max(1, math.min(#BARS, height))
end

--- The line, the latest stretch at its right end; "?" for a stretch of which nothing is known.
---@param history watchio.History?
---@param stretch integer the one that it ends with
---@param ascii boolean
---@return string of WIDTH characters
function sparkline.text(history, stretch, ascii)
  local bars, line = ascii and ASCII or BARS, {}
  for index = 1, sparkline.WIDTH do
    local at = stretch - sparkline.WIDTH + index
    local is_kept = history and at <= history.latest and at > history.latest - sparkline.WIDTH
    local activity = is_kept and history[at % sparkline.WIDTH]
    if is_kept and activity == false then
      line[index] = "?"
    else
      line[index] = activity and activity > 0 and bars[level(activity)] or " "
    end
  end
  return table.concat(line)
end

return sparkline
