-- SPDX-License-Identifier: MIT
-- The state of top, and the effect of each key on it. Nothing here reads a process or writes to a
-- terminal.
local columns = require "watchio.top.columns"
local order = require "watchio.top.order"
local tables = require "watchio.base.tables"

local model = {}

---@class watchio.TopState
---@field mode "list"|"filter"|"interval"|"columns"|"question"|"help"
---@field sort string a column, or "activity"
---@field is_reversed boolean
---@field filter string
---@field is_tree boolean
---@field is_paused boolean
---@field shown table<string, boolean> columns
---@field all string[] columns, in their order
---@field choice integer the column that can be chosen
---@field entry string what is typed at a prompt
---@field message? string until the next key
---@field question? { text: string, target: integer }
---@field survey? watchio.Survey
---@field rows integer[] indexes into the survey, in order
---@field depth? table<integer, integer>
---@field cursor integer a place among the rows
---@field selected integer|false the target that the cursor stays with; false: it stays at the top
---@field offset integer rows above the first that is seen
---@field height integer rows that are seen

---@class watchio.TopWish what the state cannot do by itself
---@field what "quit"|"interrupt"|"suspend"|"refresh"|"ask"|"kill"|"every"|"redraw"
---@field target? integer
---@field text? string

--- Makes the state at the start.
---@param options { all: string[], shown: string[], sort?: string, is_tree?: boolean }
---@return watchio.TopState
function model.new(options)
  local shown = {}
  for _, name in ipairs(options.shown) do
    shown[name] = true
  end
  return {
    mode = "list",
    sort = options.sort or "activity",
    is_reversed = false,
    filter = "",
    is_tree = options.is_tree or false,
    is_paused = false,
    all = options.all,
    shown = shown,
    choice = 1,
    entry = "",
    rows = {},
    cursor = 1,
    selected = false,
    offset = 0,
    height = 1,
  }
end

local with = tables.merged -- the state with changes

local function clamp(value, least, most) return math.max(least, math.min(value, most)) end

-- Moves the window just so far that the cursor is visible.
local function in_sight(state)
  local count = #state.rows
  state.cursor = clamp(state.cursor, 1, math.max(count, 1))
  local offset = clamp(state.offset, state.cursor - state.height, state.cursor - 1)
  state.offset = clamp(offset, 0, math.max(count - state.height, 0))
  return state
end

local function target_at(state, cursor)
  local index = state.rows[cursor]
  return index and state.survey.target[index] or false
end

-- The cursor stays with its target, or with its place if the target is gone.
local function find_selected(state)
  if not state.selected then
    state.cursor, state.offset = 1, 0
    return
  end
  for place, index in ipairs(state.rows) do
    if state.survey.target[index] == state.selected then
      state.cursor = place
      return
    end
  end
  state.selected = target_at(state, clamp(state.cursor, 1, #state.rows))
end

local function rearranged(state)
  if not state.survey then return state end
  state.rows, state.depth = order.of(state.survey, state)
  find_selected(state)
  return in_sight(state)
end

--- Takes a new survey, or a new size of the window.
---@param state watchio.TopState
---@param survey watchio.Survey
---@param height integer rows that can be seen
---@return watchio.TopState
function model.arrange(state, survey, height)
  return rearranged(with(state, { survey = survey, height = math.max(height, 1) }))
end

--- Asks before an action on a target.
---@param state watchio.TopState
---@param text string
---@param target integer
---@return watchio.TopState
function model.ask(state, text, target)
  return with(state, { mode = "question", question = { text = text, target = target } })
end

--- Shows a message until the next key.
---@param state watchio.TopState
---@param message string
---@return watchio.TopState
function model.tell(state, message) return with(state, { message = message }) end

--- The names of the visible columns, in their order.
---@param state watchio.TopState
---@return string[]
function model.columns(state)
  local names = {}
  for _, name in ipairs(state.all) do
    if state.shown[name] then names[#names + 1] = name end
  end
  return names
end

--- The target under the cursor.
---@param state watchio.TopState
---@return integer|false
function model.current(state) return target_at(state, state.cursor) end

-- Keys -------------------------------------------------------------------------------------------

local function moved_to(state, cursor)
  local changed = with(state, { cursor = clamp(cursor, 1, math.max(#state.rows, 1)) })
  changed.selected = target_at(changed, changed.cursor)
  return in_sight(changed)
end

local moves = {
  up = function(state) return moved_to(state, state.cursor - 1) end,
  down = function(state) return moved_to(state, state.cursor + 1) end,
  ["page up"] = function(state) return moved_to(state, state.cursor - state.height) end,
  ["page down"] = function(state) return moved_to(state, state.cursor + state.height) end,
  ["end"] = function(state) return moved_to(state, #state.rows) end,
  home = function(state) -- and stays there, whoever is the first
    return in_sight(with(state, { cursor = 1, offset = 0, selected = false }))
  end,
}

local function move(state, key) return moves[key] and moves[key](state) end

local function sortable(state)
  local names = { "activity" }
  for _, name in ipairs(model.columns(state)) do
    if columns.can_sort(name) then names[#names + 1] = name end
  end
  return names
end

-- Sorts by the column that is so many places further. Its values come with the next look.
local function sort_further(state, step)
  local names, at = sortable(state), 1
  for place, name in ipairs(names) do
    if name == state.sort then at = place end
  end
  local name = names[(at - 1 + step) % #names + 1]
  local changed = with(state, { sort = name, is_reversed = false, offset = 0 })
  return model.tell(changed, "sorted by " .. name), { what = "refresh" }
end

local function asked(state)
  local target = model.current(state)
  if not target then return model.tell(state, "there is nothing to end") end
  return state, { what = "ask", target = target }
end

local function wish(what)
  return function(state) return state, { what = what } end
end

local function mode(name)
  return function(state) return with(state, { mode = name, entry = "" }) end
end

local function refreshed(changes)
  return function(state) return with(state, changes(state)), { what = "refresh" } end
end

local list_keys = {
  q = wish "quit",
  interrupt = wish "interrupt",
  suspend = wish "suspend",
  redraw = wish "redraw",
  [" "] = wish "refresh",
  h = mode "help",
  ["?"] = mode "help",
  ["/"] = mode "filter",
  c = mode "columns",
  d = mode "interval",
  k = asked,
  s = function(state) return sort_further(state, 1) end,
  [">"] = function(state) return sort_further(state, 1) end,
  ["<"] = function(state) return sort_further(state, -1) end,
  r = function(state) return rearranged(with(state, { is_reversed = not state.is_reversed })) end,
  t = refreshed(function(state) return { is_tree = not state.is_tree } end),
  p = refreshed(function(state) return { is_paused = not state.is_paused } end),
  escape = function(state) return rearranged(with(state, { filter = "" })) end,
}

-- The text without its last character.
local function shortened(text)
  local last = utf8.offset(text, -1)
  return last and text:sub(1, last - 1) or ""
end

-- The effect of a key on a text that is typed; nil if the key does not edit text.
local function edited(text, key)
  if key == "backspace" then return shortened(text) end
  if key == "erase" then return "" end
  if utf8.len(key) == 1 then return text .. key end
end

local modes = {}

function modes.list(state, key)
  if list_keys[key] then return list_keys[key](state) end
  return move(state, key) or state
end

function modes.filter(state, key)
  if key == "enter" then return with(state, { mode = "list" }) end
  if key == "escape" then return rearranged(with(state, { mode = "list", filter = "" })) end
  local filter = edited(state.filter, key)
  if not filter then return move(state, key) or state end
  return rearranged(with(state, { filter = filter, selected = false, offset = 0 }))
end

function modes.interval(state, key)
  local done = with(state, { mode = "list" })
  if key == "escape" or key == "enter" and state.entry == "" then return done end
  if key == "enter" then return done, { what = "every", text = state.entry } end
  return with(state, { entry = edited(state.entry, key) })
end

-- The last column cannot be hidden: an empty screen says nothing.
local function toggled(state)
  local name, shown = state.all[state.choice], {}
  for _, other in ipairs(state.all) do
    shown[other] = state.shown[other]
  end
  shown[name] = not shown[name] or nil
  if not next(shown) then return state end
  return with(state, { shown = shown })
end

function modes.columns(state, key)
  local step = ({ up = -1, down = 1 })[key]
  if step then return with(state, { choice = clamp(state.choice + step, 1, #state.all) }) end
  if key == " " then return toggled(state) end
  return with(state, { mode = "list" }), { what = "refresh" }
end

function modes.question(state, key)
  local target = state.question.target
  local changed = with(state, { mode = "list" })
  if key == "y" or key == "Y" then return changed, { what = "kill", target = target } end
  return model.tell(changed, "nothing was done")
end

function modes.help(state) return with(state, { mode = "list" }) end

local anywhere = { interrupt = true, suspend = true, redraw = true }

--- Applies a key to the state. Returns the request to others, if there is one.
---@param state watchio.TopState
---@param key string see watchio.top.keys
---@return watchio.TopState
---@return watchio.TopWish?
function model.press(state, key)
  state = with(state, {})
  state.message = nil
  if anywhere[key] then return state, { what = key } end
  return modes[state.mode](state, key)
end

return model
