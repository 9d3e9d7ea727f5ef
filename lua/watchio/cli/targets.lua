-- SPDX-License-Identifier: MIT
-- The TARGETs of a command line, and the processes that they name now.
local cure = require "watchio.base.cure"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local matching = require "watchio.check.matching"
local schema = require "watchio.check.schema"
local selector_keys = require "watchio.check.selector_keys"
local selectors = require "watchio.check.selectors"
local target_words = require "watchio.cli.target_words"
local writer = require "watchio.base.writer"

local targets = {}

local HELP = (
  "A pid, a name glob, or KEY=VALUE with %s. In nginx,user=alice both must match. "
  .. "Several TARGETs mean any of them."
):format(table.concat(selector_keys.names, ", "):gsub(", (%l+)$", " or %1"))

--- Adds the TARGETs.
---@param parser table
---@param count? string how many, as argparse says it; default "+", at least one
function targets.define(parser, count)
  parser:argument("TARGET", HELP):args(count or "+"):argname("TARGET"):target("targets")
end

--- Adds the option `--per`.
---@param parser table
function targets.define_per(parser)
  parser
    :option("--per", "How processes form one target: tree, process, all, name, user or unit.")
    :choices(schema.PER)
    :default("tree")
end

--- The selectors of several TARGETs, in their order.
---@param words string[]
---@return table[]? list of selectors
---@return string? message
function targets.selectors(words)
  local list = {}
  for index, word in ipairs(words) do
    local selector, message = target_words.selector(word)
    if not selector then return nil, message end
    list[index] = selector
  end
  return list
end

-- A hint for a TARGET that is a name: processes may have it in their command lines.
local function cmd_hint(session, selector)
  local name = selector.name
  if not name or next(selector, next(selector)) or not name:find "^[%w_./-]+$" then
    return ""
  end
  local natives = selectors.check { cmd = name }
  local count = natives and #(matching.find(session, natives) or {}) or 0
  if count == 0 then return "" end
  return (" (cmd=%s names %s)"):format(name, format.count(count, "process", "es"))
end

-- Why a TARGET names nothing that lives.
local function explain(session, word, selector, found, left_out)
  if found[1] then
    return { reason = ("process %d has ended (a zombie)"):format(found[1].pid) }
  end
  if selector.pid and next(selector, next(selector)) == nil then
    return { reason = ("no process %d"):format(selector.pid) }
  end
  local reason = matching.hint_of_left_out(left_out)
  if reason == "" then reason = matching.suggest_name(session, selector.name) end
  if reason == "" then reason = cmd_hint(session, selector) end
  reason = reason
    .. matching.hint_of_udp(session, selector.port)
    .. target_words.comma_hint(selector)
  if selector.pidfile then
    local _, message = session.monitor:pidfile(selector.pidfile)
    reason = reason .. (message and ": " .. message or "")
  end
  word = format.escape(word)
  return {
    reason = ("no process matches %s%s"):format(word, reason),
    waits = ("nothing matches %s yet%s"):format(word, reason),
  }
end

---@class watchio.Looked what TARGETs name now
---@field matches table<integer, watchio.native.Process> those that live, by pid
---@field by_word table<integer, watchio.native.Process>[] the same of each TARGET
---@field counts integer[] how many each TARGET names
---@field unknown table<integer, watchio.native.Process> by pid: whether they match cannot be told
---@field missing { reason: string, waits: string? }[] of each TARGET that names nothing, why; and
---what is waited for

-- Finds the processes of one TARGET.
local function inspect(session, word, selector, seen)
  local natives, message = selectors.check(selector)
  if not natives then return nil, message .. target_words.comma_hint(selector) end
  local found, unknown, left_out = matching.find(session, natives)
  if not found then return nil, unknown end
  local named, count = {}, 0
  for _, process in ipairs(found) do
    if not process.ended then
      named[process.pid], seen.matches[process.pid], count = process, process, count + 1
    end
  end
  for _, process in ipairs(unknown) do
    seen.unknown[process.pid] = process
  end
  if count == 0 then
    seen.missing[#seen.missing + 1] = explain(session, word, selector, found, left_out)
  end
  seen.by_word[#seen.by_word + 1], seen.counts[#seen.counts + 1] = named, count
  return true
end

--- Finds the processes of each TARGET alone.
---@param session watchio.Session
---@param words string[] the TARGETs
---@param list table[] their selectors
---@return watchio.Looked?
---@return string? message why a TARGET is none
function targets.look(session, words, list)
  local seen = { matches = {}, by_word = {}, counts = {}, unknown = {}, missing = {} }
  for index, selector in ipairs(list) do
    local ok, message = inspect(session, words[index], selector, seen)
    if not ok then return nil, message end
  end
  return seen
end

-- How many processes there are, and one with the most frequent reason: a process that is just
-- ending has another reason.
local function count_denied(unknown)
  local count, times, first = 0, {}, nil
  for pid, process in pairs(unknown) do
    local reason = process.denied
    count, times[reason] = count + 1, (times[reason] or 0) + 1
    local lead = first and times[reason] - times[first.denied] or 1
    if lead > 0 or lead == 0 and pid < first.pid then first = process end
  end
  return count, first
end

--- How many processes could not be checked, and why.
---@param unknown table<integer, watchio.native.Process>
---@return string? line nil when there are none
function targets.unknown_line(unknown)
  local count, first = count_denied(unknown)
  if count == 0 then return nil end
  return ("could not check %s: %s"):format(
    format.count(count, "process", "es"),
    cure.looking(first.denied, first.pid)
  )
end

-- Whether a process is a descendant of one that another TARGET names.
local function stands_below(session, process, others)
  local seen = {}
  while process and process.ppid > 0 and not seen[process.pid] do
    seen[process.pid] = true
    process = session.monitor:describe(process.ppid)
    if process and others[process.pid] then return true end
  end
  return false
end

-- Whether a process of one TARGET also belongs to another: that names it, or one of its ancestors.
local function belongs_elsewhere(session, process, index, seen, per)
  for other, named in ipairs(seen.by_word) do
    if other ~= index then
      if named[process.pid] then return true end
      if per == "tree" and stands_below(session, process, named) then return true end
    end
  end
  return false
end

--- How many processes belong to more than one TARGET.
---@param session watchio.Session
---@param seen watchio.Looked
---@param per string what is one target
---@return string? line nil when there are none
function targets.overlap_line(session, seen, per)
  local count, counted = 0, {}
  if #seen.by_word < 2 then return nil end
  for index, named in ipairs(seen.by_word) do
    for pid, process in pairs(named) do
      if not counted[pid] and belongs_elsewhere(session, process, index, seen, per) then
        counted[pid], count = true, count + 1
      end
    end
  end
  if count == 0 then return nil end
  return ("%s %s to more than one TARGET: each counts once"):format(
    format.count(count, "process", "es"),
    count == 1 and "belongs" or "belong"
  )
end

--- Why TARGETs name nothing.
---@param seen watchio.Looked
---@return string[]
function targets.reasons(seen)
  local reasons = {}
  for index, missing in ipairs(seen.missing) do
    reasons[index] = missing.reason
  end
  return reasons
end

-- One alternative among several. A pid means that very process, never a later process with its
-- number; nil if it has ended.
local function alternative(session, selector)
  local native, starts = assert(selectors.check(selector))[1], {}
  for _, pid in ipairs(native.pids or {}) do
    local process = session.monitor:describe(pid)
    starts[#starts + 1] = process and process.start_ticks
  end
  if native.pids then native.starts = starts end
  return (not native.pids or starts[1]) and native or nil
end

--- Makes one selector of all TARGETs, so that each process is in one target only.
---@param session watchio.Session
---@param list table[] selectors that were checked
---@return watchio.native.Selector
function targets.native(session, list)
  local merged = target_words.merge(list)
  if #merged == 1 then return assert(selectors.check(merged[1]))[1] end
  local native = { any = {} }
  for _, selector in ipairs(merged) do
    native.any[#native.any + 1] = alternative(session, selector)
  end
  return native.any[1] and native or assert(selectors.check(merged[1]))[1]
end

--- Writes notes to standard error.
---@param lines string[]
function targets.tell(lines)
  local write = writer.new(io.stderr, "standard error")
  for _, line in ipairs(lines) do
    write(("watchio: %s\n"):format(format.escape(line)))
  end
end

---@class watchio.Found
---@field list table[] a selector of each TARGET
---@field native watchio.native.Selector of all TARGETs
---@field seen watchio.Looked
---@field notes string[] what to say of them besides: names nothing yet, belongs to several

local function notes_of(session, seen, per)
  local notes = {}
  for index, missing in ipairs(seen.missing) do
    notes[index] = missing.waits and "waiting: " .. missing.waits or missing.reason
  end
  notes[#notes + 1] = targets.overlap_line(session, seen, per)
  return notes
end

--- Finds what TARGETs name. It must be at least one process now.
---@param session watchio.Session
---@param words string[]
---@param per string what is one target
---@return watchio.Found?
---@return integer? status what the command exits with when there is none
---@return string? message
function targets.find(session, words, per)
  local list, message = targets.selectors(words)
  if not list then return nil, exit_status.USAGE, message end
  local seen
  seen, message = targets.look(session, words, list)
  if not seen then return nil, exit_status.USAGE, message end
  if next(seen.matches) then
    return {
      list = list,
      native = targets.native(session, list),
      seen = seen,
      notes = notes_of(session, seen, per),
    }
  end
  local unknown = targets.unknown_line(seen.unknown)
  if unknown then return nil, exit_status.NOT_PERMITTED, unknown end
  return nil, exit_status.NOTHING_TO_WATCH, table.concat(targets.reasons(seen), "; ")
end

return targets
