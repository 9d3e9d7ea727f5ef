-- SPDX-License-Identifier: MIT
-- The status of a session as text: what SIGUSR1 prints.
local format = require "watchio.base.format"
local layout = require "watchio.show.layout"

local status_page = {}

local HEAD = { "watch", "target", "processes", "state", "moved last", "quiet for", "idle in" }

local function row(of)
  if not of.pid then return { of.watch, "none yet", "", "", "", "", "" } end
  return {
    of.watch,
    ("%s[%d]"):format(of.name, of.pid),
    tostring(#of.pids),
    of.state,
    of.moved and format.gain(of.moved) or "",
    format.span(of.idle_for),
    of.idle_in and format.span(of.idle_in) or "",
  }
end

local function timer_line(timer)
  local every = timer.timer == "every" and (" (every %s)"):format(format.span(timer.every))
    or ""
  return ("%s rings in %s%s"):format(timer.timer, format.span(timer.first), every)
end

--- The status as lines, the targets as a table.
---@param status watchio.Status
---@return string
function status_page.text(status)
  local rows = { HEAD }
  for index, each in ipairs(status.targets) do
    rows[index + 1] = row(each)
  end
  local lines = {
    ("%s running, %s under way, %s; at most %s late, Lua holds %s"):format(
      format.count(status.commands, "command"),
      format.count(status.kills, "kill"),
      format.count(status.failures, "error"),
      format.span(status.late),
      format.bytes(status.lua)
    ),
  }
  lines[2] = layout.table(rows):gsub("\n$", "")
  for _, timer in ipairs(status.timers) do
    lines[#lines + 1] = timer_line(timer)
  end
  return table.concat(lines, "\n")
end

return status_page
