-- SPDX-License-Identifier: MIT
-- One frame of top as one string: every line is placed, cut to the width, and cleared after its
-- end.
local cells = require "watchio.show.cells"
local columns = require "watchio.top.columns"
local format = require "watchio.base.format"
local model = require "watchio.top.model"
local units = require "watchio.base.units"

local frame = {}

---@class watchio.TopView what is seen besides the state
---@field rows watchio.TopRow[] those in the window
---@field time number seconds since the epoch
---@field count integer targets in all
---@field active integer
---@field unreadable integer
---@field noun string[] { "process", "es" } or { "target" }
---@field every_ns integer
---@field has_looked boolean there was a first look
---@field ascii boolean
---@field colour boolean

local REVERSE, BOLD, PLAIN = "\27[7m", "\27[1m", "\27[0m"
-- These two sequences show a frame all at once. A terminal that does not know them ignores them.
local BEGIN, END = "\27[?2026h", "\27[?2026l"

local HELP = {
  "Keys of watchio top",
  "",
  "  q          quit",
  "  arrows     move, also PgUp PgDn Home End; Home stays at the top row",
  "  s  < >     sort by the next column, or by the one before",
  "  r          reverse the order",
  "  /          show only what has these letters in its pid, name, user or command; Esc: all again",
  "  t          tree: each process below its parent",
  "  c          choose the columns",
  "  d          change the interval",
  "  p          pause, and go on",
  "  space      sample now",
  "  k          end the target under the cursor: TERM, after its grace KILL",
  "",
  "Activity is the busiest of: cpu (100 is one core), bytes through calls or of the device (100",
  'is 10 MB/s), calls (100 is 10 000/s), bytes over TCP (100 is 1 MB/s). "?" may not be read,',
  '"…" is not measured yet. The last minute is drawn in steps of half a power of ten.',
}

local HINTS = "h help  q quit  s sort  / filter  t tree  c columns  k kill"

local function summary(state, view)
  local parts = {
    os.date("%H:%M:%S", math.floor(view.time)),
    ("%s, %d active"):format(format.count(view.count, table.unpack(view.noun)), view.active),
    state.is_paused and "paused" or "every " .. format.span(view.every_ns / units.SECOND),
    "by " .. state.sort .. (state.is_reversed and ", reversed" or ""),
  }
  if state.filter ~= "" and state.mode ~= "filter" then
    table.insert(parts, 2, "/" .. format.escape(state.filter))
  end
  return table.concat(parts, "  ")
end

local prompts = {
  filter = function(state) return "/" .. state.filter .. "_" end,
  interval = function(state) return "interval (e.g. 500ms, 2s): " .. state.entry .. "_" end,
  question = function(state) return state.question.text .. " [y/N] " end,
  columns = function() return "up and down choose, space shows or hides, Enter is done" end,
  help = function() return "any key goes back" end,
}

local function bottom(state, view)
  local prompt = prompts[state.mode]
  if prompt then return format.escape(prompt(state)) end
  if state.message then return format.escape(state.message) end
  if view.unreadable == 0 then return HINTS end
  return ("%d cannot be read in full (see watchio doctor)  %s"):format(view.unreadable, HINTS)
end

-- A line is a list of pieces { text, looks? }, so that looks take no cells.

local function title_line(state, view, list, width)
  local texts = {}
  for index, each in ipairs(list) do
    texts[index] = each.name == state.sort and each.title:upper() or each.title
  end
  local line = table.concat(columns.cells(list, texts, width, view.ascii), " ")
  return { { line .. (" "):rep(width - cells.width(line)), REVERSE } }
end

local function indented(row, name, text, ascii)
  if row.depth == 0 or name ~= "name" and name ~= "cmd" then return text end
  return ("  "):rep(row.depth - 1) .. (ascii and "`- " or "└─ ") .. text
end

local function colour_of(view, column, row)
  local code = view.colour and column.name == "state" and columns.colours[row.state]
  return code and ("\27[%dm"):format(code)
end

local function row_line(view, list, row, width, is_current)
  local texts, pieces = {}, {}
  for index, column in ipairs(list) do
    texts[index] = indented(row, column.name, column.text(row), view.ascii)
  end
  local padded = columns.cells(list, texts, width, view.ascii)
  if is_current then return { { table.concat(padded, " "), REVERSE } } end
  for index, text in ipairs(padded) do
    pieces[index] = { index == 1 and text or " " .. text, colour_of(view, list[index], row) }
  end
  return pieces
end

local function rows_of(state, view, width, height)
  local lines = {}
  local list = columns.fit(model.columns(state), width)
  for place, row in ipairs(view.rows) do
    if place > height then break end
    local is_current = state.offset + place == state.cursor
    lines[place] = row_line(view, list, row, width, is_current)
  end
  if #lines == 0 and height > 0 then
    local is_filtered = state.filter ~= "" and view.has_looked
    lines[1] = {
      {
        is_filtered and "nothing matches the filter"
          or view.has_looked and "nothing to show"
          or "taking the first sample",
      },
    }
  end
  return lines, title_line(state, view, list, width)
end

local function help_lines()
  local lines = {}
  for index, text in ipairs(HELP) do
    lines[index] = { { text, index == 1 and BOLD or nil } }
  end
  return lines
end

local function column_lines(state, height)
  local lines = {}
  local first = math.max(1, math.min(state.choice - height + 1, #state.all))
  for index = first, #state.all do
    local name = state.all[index]
    local text = ("[%s] %s"):format(state.shown[name] and "x" or " ", name)
    lines[#lines + 1] = { { text, index == state.choice and REVERSE or nil } }
  end
  return lines
end

--- How many rows fit in a window of so many lines. If fewer than three would, the heads are left
--- out.
---@param height integer
---@return integer
function frame.rows(height)
  return height > 4 and height - 3
    or height > 2 and height - 2
    or height > 1 and height - 1
    or 1
end

-- The lines from the top. If there is only one, it is the question or the message.
local function lines_of(state, view, width, height)
  local room = frame.rows(height)
  local body, titles = rows_of(state, view, width, room)
  if state.mode == "help" then body = help_lines() end
  if state.mode == "columns" then body = column_lines(state, room) end
  local last = { { bottom(state, view) } }
  if height == 1 then return { (state.message or prompts[state.mode]) and last or body[1] } end
  local lines = {}
  if height > 4 then lines[1] = { { summary(state, view), BOLD } } end
  if height > 2 then lines[#lines + 1] = titles end
  table.move(body, 1, math.min(#body, room), #lines + 1, lines)
  while #lines < height - 1 do
    lines[#lines + 1] = {}
  end
  lines[height] = last
  return lines
end

-- The text in ASCII, in as many cells.
local function plain(text)
  return (
    text:gsub(utf8.charpattern, function(character)
      if #character > 1 then return ("?"):rep(cells.width(character)) end
    end)
  )
end

-- The part of a line that fits, with its looks. After a full line nothing is cleared: the cursor
-- still stands on its last cell.
local function line_text(pieces, width, ascii)
  local parts, left = {}, width
  for _, piece in ipairs(pieces) do
    if left < 1 then break end
    local text, looks = piece[1], piece[2]
    if ascii then text = plain(text) end
    text = cells.cut(text, left, ascii)
    left = left - cells.width(text)
    parts[#parts + 1] = looks and looks .. text .. PLAIN or text
  end
  return table.concat(parts) .. (left > 0 and "\27[K" or "")
end

--- A whole screen. Nothing stays of the screen before.
---@param state watchio.TopState
---@param view watchio.TopView
---@param width integer cells
---@param height integer lines
---@return string
function frame.text(state, view, width, height)
  local parts = { BEGIN }
  for place, pieces in ipairs(lines_of(state, view, width, height)) do
    parts[#parts + 1] = ("\27[%d;1H"):format(place) .. line_text(pieces, width, view.ascii)
  end
  parts[#parts + 1] = END
  return table.concat(parts)
end

return frame
