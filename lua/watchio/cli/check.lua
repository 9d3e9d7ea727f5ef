-- watchio check: shows the watches of a policy and what they match now.
local uv = require "luv"
local format = require "watchio.format"
local layout = require "watchio.cli.layout"
local matching = require "watchio.matching"
local native = require "watchio.native"
local output = require "watchio.cli.output"
local policy = require "watchio.policy"
local report = require "watchio.report"
local run = require "watchio.cli.run"
local selectors = require "watchio.selectors"
local session = require "watchio.session"
local sources = require "watchio.cli.source"

local check = {}

check.about = "Load a policy, show its watches and what each matches now. Nothing is started."

check.names_its_place = true

local DOES_NOT_LOAD = 1

function check.define(parser)
  parser:usage("Usage: watchio check [--insecure] (POLICY | NAME | -e CHUNK | -) [ARG…]")
  sources.define(parser)
end

check.split = run.split

local function which(rule)
  if rule.spawn then return "spawn " .. format.command(rule.spawn) end
  local alternatives = {}
  for index, each in ipairs(rule.selectors) do alternatives[index] = selectors.show(each) end
  return table.concat(alternatives, " or ")
end

local function handlers(rule)
  local names = {}
  for name in pairs(rule.handlers) do names[#names + 1] = name end
  table.sort(names)
  local rounds = rule.while_active
  if rounds then
    names[#names + 1] = ("while_active every %s"):format(native.format_duration(rounds.every_ns))
  end
  return #names > 0 and table.concat(names, ", ") or "none"
end

local function matches(loaded, rule)
  local words = {}
  for index, process in ipairs(matching.find(loaded, rule.selectors) or {}) do
    words[index] = ("%d %s"):format(process.pid, process.name)
  end
  if rule.spawn then return "starts with the policy" end
  return #words > 0 and table.concat(words, ", ") or "nothing"
end

local function rows_of(loaded)
  local rows = { { "watch", "which", "every", "idle", "handlers", "matches now" } }
  for _, watch in ipairs(loaded.rules:list()) do
    local rule = watch.rule
    rows[#rows + 1] = {
      watch.label,
      which(rule),
      native.format_duration(rule.every_ns),
      native.format_duration(rule.idle_ns),
      handlers(rule),
      matches(loaded, rule),
    }
  end
  for _, timer in ipairs(loaded.timers:list()) do
    local when = ("%s %s"):format(timer.verb, native.format_duration(timer.every_ns))
    rows[#rows + 1] = { when, "", "", "", "", "" }
  end
  return rows
end

---@param options table
---@param args string[]
---@return integer status
---@return string? message
function check.main(options, args)
  if not options.policy and not options.chunk then return 2, "watchio: no policy" end
  local source, message = sources.read(options)
  if not source then return DOES_NOT_LOAD, message end
  local module = package.loaded.watchio
  local loaded = session.new { on_record = report.new { level = "quiet" } }
  args[0] = source.name
  local ok
  ok, message = policy.load(loaded, source, args, output.write)
  if ok then output.write(layout.table(rows_of(loaded))) end
  loaded:close()
  uv.run("nowait") -- lets the closed handles go
  package.loaded.watchio = module
  sources.release()
  return ok and 0 or DOES_NOT_LOAD, message
end

return check
