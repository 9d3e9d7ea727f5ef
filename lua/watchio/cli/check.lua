-- SPDX-License-Identifier: MIT
-- watchio check: shows what a policy watches and does, which processes match now, and when it would
-- act.
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local layout = require "watchio.show.layout"
local output = require "watchio.cli.output"
local policy = require "watchio.policy.load"
local rehearsal = require "watchio.policy.rehearsal"
local report = require "watchio.show.report"
local outline = require "watchio.policy.outline"
local run = require "watchio.cli.run"
local sources = require "watchio.cli.source"
local with_session = require "watchio.cli.with_session"
local writer = require "watchio.base.writer"

local check = {}

check.about = "Load a policy. Show its watches, which processes each matches now, and when it "
  .. "would first act. Nothing is started."

check.examples = {
  "watchio check policy.lua              # its watches, and what they match now",
  "watchio check rebuild-while-read      # a shipped policy, by its name",
}

check.names_its_place = true

function check.define(parser)
  parser:usage(
    "Usage: watchio check [--json] [--insecure] (POLICY | NAME | -e CHUNK | -) [ARG...]"
  )
  parser:flag("--json", "Write one JSON object a watch to standard output.")
  sources.define(parser)
end

check.split = run.split

local SHOWN = 8 -- processes of one watch

local function matches(rule)
  if rule.spawns then return "starts with the policy" end
  local words = {}
  for index, process in ipairs(rule.matches) do
    if index > SHOWN then break end
    words[index] = ("%d %s"):format(process.pid, process.name)
  end
  local others = #rule.matches - #words
  if others > 0 then words[#words + 1] = ("and %d more"):format(others) end
  return #words > 0 and table.concat(words, ", ") or "nothing yet"
end

-- The reason why a process cannot be read. The first such process stands for all.
local function unread(rule)
  for _, process in ipairs(rule.matches) do
    if process.unreadable then return ("%d: %s"):format(process.pid, process.unreadable) end
  end
end

local function every(seconds) return seconds and ", every " .. format.span(seconds) or "" end

-- One watch: the rows below its name.
local function rows_of(rule)
  local rows = {
    { "  which", rule.which },
    {
      "  judged",
      ("%s, every %s, idle after %s, by %s"):format(
        rule.per == "all" and "all together" or "per " .. rule.per,
        format.span(rule.every),
        format.span(rule.idle),
        table.concat(rule.counts, " ")
      ),
    },
    { "  matches", matches(rule) },
  }
  for _, limit in ipairs(rule.limits) do
    rows[#rows + 1] = { "  limit", limit }
  end
  local reason = unread(rule)
  if reason then rows[#rows + 1] = { "  unread", reason } end
  for _, each in ipairs(rule.actions) do
    local text = ("%s%s (first: %s)"):format(each.action, every(each.every), each.when)
    rows[#rows + 1] = { "  " .. each.on, text }
  end
  return rows
end

local function write_timer(timer)
  output.write(
    ("%s %s\n  does  %s\n"):format(
      timer.timer,
      format.span(timer.first),
      format.escape(timer.action)
    )
  )
end

-- The rehearsal: what is done at once, and what comes of it.
local function write_rehearsed(done)
  local rows = { { "  does", format.escape(done.action) } }
  for _, record in ipairs(done.told) do
    record.dry = nil
    local line = report.line(record, 0, { time = "" }):match("^[^\n]*"):gsub("^watchio ", "")
    rows[#rows + 1] = { "  dry", line }
  end
  for _, label in ipairs(done.starts) do
    rows[#rows + 1] = { "  starts", format.escape(label) }
  end
  if done.unsure then rows[#rows + 1] = { "  but", format.escape(done.unsure) } end
  output.write(("%s %s\n%s"):format(done.timer, format.span(done.first), layout.table(rows)))
end

local function write_rule(rule)
  output.write(format.escape(rule.watch) .. "\n" .. layout.table(rows_of(rule)))
end

local function write_json(record)
  record.event = "rule"
  output.record(record)
end

local function show(loaded, at_once, options)
  local function tell(data, write) return (options.json and write_json or write)(data) end
  for _, each in ipairs(at_once) do
    tell(outline.of_rehearsed(each), write_rehearsed)
  end
  for _, watch in ipairs(loaded.edition.watches:list()) do
    tell(outline.of(loaded, watch), write_rule)
  end
  for _, timer in ipairs(loaded.edition.timers:list()) do
    tell(outline.of_timer(timer), write_timer)
  end
end

-- Loads a policy, rehearses it, and shows what it would do.
local function rehearse(loaded, rehearsing, source, options, args)
  local print_line = options.json and writer.new(io.stderr, "the output of print")
    or output.write
  local ok, message = policy.load(loaded, source, args, print_line, rehearsing)
  if not ok then return exit_status.FAILED, sources.explain(options, message) end
  show(loaded, rehearsing:perform(loaded), options)
  return exit_status.DONE
end

---@param options table
---@param args string[]
---@return integer status
---@return string? message
function check.main(options, args)
  local status, message = sources.answer(options, args)
  if status then return status, message end
  local _ <close> = sources.lease()
  local source
  source, message = sources.read(options, args)
  if not source then return exit_status.FAILED, sources.explain(options, message) end
  args[0] = source.name
  local rehearsing, tell = rehearsal.new(), report.new { level = "quiet" }
  local function on_record(record)
    if not rehearsing:take(record) then tell(record) end
  end
  return with_session({ on_record = on_record }, rehearse, rehearsing, source, options, args)
end

return check
