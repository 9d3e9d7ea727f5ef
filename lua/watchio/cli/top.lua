-- SPDX-License-Identifier: MIT
-- watchio top: shows the busy processes, live on the terminal.
local uv = require "luv"
local columns = require "watchio.top.columns"
local frame = require "watchio.top.frame"
local format = require "watchio.base.format"
local interrupts = require "watchio.cli.interrupts"
local kill = require "watchio.verbs.kill"
local durations = require "watchio.cli.durations"
local exit_status = require "watchio.base.exit_status"
local values = require "watchio.check.values"
local measures = require "watchio.base.measures"
local model = require "watchio.top.model"
local report = require "watchio.show.report"
local schema = require "watchio.check.schema"
local style = require "watchio.show.style"
local survey = require "watchio.top.survey"
local targets = require "watchio.cli.targets"
local terminal = require "watchio.top.terminal"
local units = require "watchio.base.units"
local with_session = require "watchio.cli.with_session"

local top = {}

top.about = "Show the busiest processes, live on the terminal. Without a TARGET, show all "
  .. "processes of the machine but kernel threads."

top.words = { COLUMN = columns.sorts }

top.only_reads = true

top.examples = {
  "watchio top",
  "watchio top user=www-data --per name --sort write",
}

local STDOUT <const> = 1
local MOST = 1000000 -- targets within a minute: each is asked about
local PROCESS, TARGET = { "process", "es" }, { "target" }

function top.define(parser)
  targets.define(parser, "*")
  parser:option("--every", "How often to sample."):default("1s"):argname("DURATION")
  parser
    :option(
      "--per",
      "How processes form one row: tree (default), process (without a TARGET), "
        .. "all, name, user or unit."
    )
    :choices(schema.PER)
  parser
    :option(
      "--columns",
      ("The columns to show, separated by commas: %s; default: %s."):format(
        table.concat(columns.all, ", "),
        table.concat(columns.default, ", ")
      )
    )
    :argname("LIST")
    :default(table.concat(columns.default, ","))
    :show_default(false)
  parser:option("--sort", "A column, or activity."):argname("COLUMN"):default("activity")
  parser:flag("--tree", "Show each process below its parent.")
  parser:epilog [[
The key h shows all keys. "?" means that a value may not be read, "…" that it
is not measured yet.

Exit status: 0 quit, 2 usage or no terminal, 3 no process matches, 4 no process
may be read, 129 the terminal is gone, 130 interrupted.]]
end

---@class watchio.Top
---@field session watchio.Session
---@field survey watchio.TopSurvey
---@field terminal watchio.Terminal
---@field state watchio.TopState
---@field seen watchio.Survey
---@field has_looked? boolean
---@field every_ns integer
---@field status? integer once it ends
---@field problem? string the traceback of an error in here

-- Drawing ----------------------------------------------------------------------------------------

local function rows_in_sight(self)
  local rows, state = {}, self.state
  for place = state.offset + 1, math.min(state.offset + state.height, #state.rows) do
    local index = state.rows[place]
    local row = self.survey:row(self.seen, index)
    row.depth = state.depth and state.depth[index] or 0
    rows[#rows + 1] = row
  end
  return rows
end

local function draw(self)
  local width, height = self.terminal:size()
  self.state = model.arrange(self.state, self.seen, frame.rows(height))
  self.terminal:draw(frame.text(self.state, {
    rows = rows_in_sight(self),
    time = uv.gettimeofday(),
    count = self.seen.count,
    active = self.active,
    unreadable = self.unreadable,
    noun = (self.state.is_tree or self.survey.per == "process") and PROCESS or TARGET,
    every_ns = self.every_ns,
    has_looked = self.has_looked,
    ascii = self.ascii,
    colour = self.colour,
  }, width, height))
end

local function look(self)
  self.seen = self.survey:look(self.state.sort, self.state.is_tree)
  self.active, self.unreadable = survey.count(self.seen)
  self.has_looked = true
end

local function refresh(self)
  look(self)
  draw(self)
end

-- Requests ---------------------------------------------------------------------------------------

local function finish(self, status)
  self.status = self.status or status
  uv.stop()
end

local function tell(self, message) self.state = model.tell(self.state, message) end

-- Takes a look after each sample; both have the same interval.
local function keep_time(self)
  if self.stop_time then self.stop_time() end
  local session, every_ns = self.session, self.every_ns
  local first_ns = session:now() + every_ns + math.min(every_ns // 10, 20 * units.MILLISECOND)
  self.stop_time = session:repeating(first_ns, every_ns, function()
    self.guarded(function()
      if self.state.is_paused then return end
      refresh(self)
    end)
  end)
end

local wishes = {}

function wishes.quit(self) finish(self, 0) end
function wishes.interrupt(self) finish(self, exit_status.INTERRUPTED) end
function wishes.suspend(self) self.terminal:suspend() end
function wishes.refresh(self) look(self) end
function wishes.redraw() end

function wishes.every(self, wish)
  local ns, message = values.interval(durations.value(wish.text))
  if not ns then return tell(self, message) end
  self.every_ns = ns
  self.survey:retime(ns)
  keep_time(self)
  tell(self, "every " .. format.span(ns / units.SECOND))
end

-- "end nginx[812] and 3 children?"
function wishes.ask(self, wish)
  local target, now = self.survey:target(wish.target)
  if not target then return tell(self, "it has ended") end
  local others = #now.pids - 1
  local who = ("%s[%d]"):format(now.name, now.pid)
  local is_tree = self.survey.per == "tree"
  local noun = is_tree and (others == 1 and "child" or "children")
    or others == 1 and "other"
    or "others"
  if others > 0 then who = ("%s and %d %s"):format(who, others, noun) end
  self.state = model.ask(self.state, ("end %s?"):format(who), wish.target)
end

function wishes.kill(self, wish)
  local target = self.survey:target(wish.target)
  if not target then return tell(self, "it has ended") end
  self.session:start(function() self.ended(target) end, target)
end

local function press(self, key)
  local wish
  self.state, wish = model.press(self.state, key)
  if wish then wishes[wish.what](self, wish) end
  if not self.status then draw(self) end
end

-- Shows the outcome of kills, and errors.
local function note(self, record)
  if record.event == "late" then return end -- the first look at thousands is
  tell(self, (report.line(record, 0, {}):gsub("^%S+ ", "")))
  if self.terminal and not self.status then self.guarded(function() draw(self) end) end
end

-- Beginning and end ------------------------------------------------------------------------------

-- An error must not be written into the picture. It ends top, and is reported once the terminal is
-- restored.
local function guard(self)
  return function(act, ...)
    local ok, problem = xpcall(act, debug.traceback, ...)
    if ok then return end
    self.problem = self.problem or problem
    finish(self, exit_status.USAGE)
  end
end

local function callbacks(self)
  return {
    key = function(name) self.guarded(press, self, name) end,
    resize = function() self.guarded(draw, self) end,
    free = function() self.guarded(draw, self) end,
    lost = function() finish(self, exit_status.TERMINAL_LOST) end,
  }
end

local function show(self)
  draw(self) -- the first look at thousands takes its time
  self.session:alarm(0, function() self.guarded(refresh, self) end)
  keep_time(self)
  uv.run()
end

local function with_terminal(self)
  local release = interrupts.take {
    sigint = function() finish(self, exit_status.INTERRUPTED) end,
    sigterm = function() finish(self, exit_status.TERMINATED) end,
    sigquit = function() finish(self, exit_status.TERMINATED) end,
  }
  self.terminal = terminal.open(callbacks(self))
  self.guarded(show, self)
  self.terminal:close()
  release()
end

-- Lets kills under way finish; a signal hurries them.
local function wait_for_kills(self)
  local session = self.session
  if not session:is_working() then return end
  session:tell_to(report.new {})
  session:record(
    "log",
    nil,
    { message = "waits for kills that are under way; ^C sends KILL at once" }
  )
  local release = interrupts.take {
    sigint = interrupts.ender(session, self.status),
    sigterm = interrupts.ender(session, self.status),
  }
  session:quit(self.status)
  uv.run()
  release()
end

local function new(session, options, checked)
  local found, status, message
  if options.targets[1] then
    found, status, message = targets.find(session, options.targets, options.per or "tree")
    if not found then return nil, status, message end
  end
  local self = {
    session = session,
    every_ns = checked.every_ns,
    active = 0,
    unreadable = 0,
    seen = { count = 0, value = {} },
    ascii = not style.is_utf8(),
    colour = style.wants_colour(STDOUT),
    ended = kill.new(session, { most = MOST }),
    state = model.new {
      all = columns.all,
      shown = checked.columns,
      sort = options.sort,
      is_tree = options.tree,
    },
  }
  self.guarded = guard(self)
  session:tell_to(function(record) note(self, record) end)
  self.survey, message = survey.new(session, found and { found.native }, {
    per = options.per or found and "tree" or "process",
    every_ns = self.every_ns,
    ascii = self.ascii,
  })
  if not self.survey then return nil, exit_status.USAGE, message end
  if found and found.notes[1] then tell(self, table.concat(found.notes, "; ")) end
  return self
end

local function check(options)
  local times, message = durations.read(options, { { "every", values.interval } })
  if not times then return nil, message end
  local shown
  shown, message = columns.parse(options.columns)
  if not shown then return nil, "--columns: " .. message end
  options.sort = measures.column(options.sort)
  local can_sort, hint = columns.can_sort(options.sort)
  if not can_sort then return nil, ("--sort: no column '%s'%s"):format(options.sort, hint) end
  local missing = terminal.missing()
  if missing then return nil, missing .. " (watchio stat writes lines for pipes and files)" end
  return { every_ns = times.every, columns = shown }
end

local function run(session, options, checked)
  local self, status, message = new(session, options, checked)
  if not self then return status, message end
  with_terminal(self)
  if self.problem then error(self.problem, 0) end
  wait_for_kills(self)
  return self.status
end

---@param options table
---@return integer status
---@return string? message
function top.main(options)
  local checked, wrong = check(options)
  if not checked then return exit_status.USAGE, wrong end
  return with_session({}, run, options, checked)
end

return top
