-- SPDX-License-Identifier: MIT
-- watchio run: runs a policy until a signal ends it, it quits, or nothing is left to watch.
local uv = require "luv"
local changes = require "watchio.cli.changes"
local bounds = require "watchio.cli.bounds"
local exit_status = require "watchio.base.exit_status"
local interrupts = require "watchio.cli.interrupts"
local layout = require "watchio.show.layout"
local orphans = require "watchio.cli.orphans"
local output = require "watchio.cli.output"
local policy = require "watchio.policy.load"
local reload = require "watchio.policy.reload"
local report = require "watchio.show.report"
local shipped = require "watchio.policy.shipped"
local sources = require "watchio.cli.source"
local state_of = require "watchio.watch.status".of
local status_page = require "watchio.cli.status_page"
local with_session = require "watchio.cli.with_session"

local run = {}

run.about = "Run a policy until TERM or INT, until it quits, or until nothing is left to watch."

run.examples = {
  "watchio run --dry-run policy.lua      # reports what it would do",
  [[watchio run -e 'watch { "nginx", on_idle = log "quiet" }']],
  "watchio run --list                    # the shipped policies",
  "watchio run kill-on-idle --help       # its arguments",
}

-- Messages begin with the policy's file and line.
run.names_its_place = true

function run.define(parser)
  parser:usage(
    "Usage: watchio run [--dry-run] [--json] [-q | -v] [--strict] [--watch] "
      .. "[--insecure]\n         [--budget DURATION] [--memory SIZE] "
      .. "(POLICY | NAME | -e CHUNK | -) [ARG...]\n       watchio run --list"
  )
  parser:flag("--dry-run", "Report what would be done, and do none of it.")
  parser:flag("--json", "Write one JSON object a line to standard output.")
  parser:mutex(
    parser:flag("-q --quiet", "Report only errors and failures."),
    parser:flag("-v --verbose", "Also report counters that moved by less than their floor.")
  )
  parser:flag("--strict", "Stop at the first error, and exit with 5.")
  parser:flag(
    "--watch",
    "Load the policy again, as SIGHUP does, when its file changes, or a file that it loads."
  )
  bounds.define(parser)
  parser:flag("--list", "List the shipped policies, their arguments, and what each does.")
  sources.define(parser)
end

--- Splits off the words after the policy. They belong to the policy, even if they begin with "-".
---@param words string[]
---@return string[] own
---@return string[] args
function run.split(words)
  local last = #words
  for index, word in ipairs(words) do
    if word == "-e" or word == "--" then
      last = index + 1
      break
    end
    local is_value = bounds.takes_value(words[index - 1])
    if not is_value and (word == "-" or word:sub(1, 1) ~= "-" or word:sub(1, 2) == "-e") then
      last = index
      break
    end
  end
  last = math.min(last, #words)
  return table.move(words, 1, last, 1, {}), table.move(words, last + 1, #words, 1, {})
end

local function list_shipped()
  local rows = {}
  for index, name in ipairs(shipped.names()) do
    local head = shipped.head(shipped.text(name))
    local arguments = (head.usage or ""):match("^watchio run %S+ (.*)$")
    rows[index] = { arguments and name .. " " .. arguments or name, head.about }
  end
  output.write(layout.table(rows))
  return exit_status.DONE
end

local function session_options(options)
  local level = options.quiet and "quiet" or options.verbose and "verbose" or "normal"
  return {
    dry = options.dry_run,
    verbose = level == "verbose",
    strict = options.strict,
    budget_ns = options.budget,
    memory = options.memory,
    command_output = options.json and 2 or 1,
    on_record = report.new { json = options.json, level = level },
  }
end

-- SIGUSR1: prints the status as a table for people.
local function status_teller(running, options)
  return function()
    local now = state_of(running)
    running:record("status", nil, options.json and now or { message = status_page.text(now) })
  end
end

local function signal_takers(running, options, load_anew)
  return {
    sigusr1 = status_teller(running, options),
    sigterm = interrupts.ender(running, exit_status.DONE),
    sigquit = interrupts.ender(running, exit_status.DONE),
    sigint = interrupts.ender(running, exit_status.INTERRUPTED),
    sigchld = orphans.taker(running),
    sighup = load_anew, -- a terminal that vanishes ends the output, never the rules
  }
end

-- Runs the loop to its end, and then ends everything that the session started.
local function run_loop(running)
  uv.run()
  running:finish(function() end)
  while running:is_working() do
    uv.run("once")
  end
end

local function status_of(running, options)
  local status = running:exit_status()
  if options.strict and running.failures > 0 and status == 0 then
    return exit_status.HANDLER_FAILED
  end
  return status
end

-- Makes the function that reads and loads the policy, at first and again. `note` gets the other
-- files that the policy has loaded, or has tried to load.
local function loader(running, options, args, note)
  local stream = options.json and io.stderr or io.stdout
  local print_line = output.printer(stream)
  return function()
    local source, message = sources.read(options, args)
    if not source then return nil, message end
    local own = table.move(args, 1, #args, 1, { [0] = source.name })
    local ok
    ok, message = policy.load(running, source, own, print_line)
    note(source.files)
    return ok, message
  end
end

local function reloader(running, options, load)
  if sources.is_file(options) then
    return function() reload.perform(running, load) end
  end
  return function()
    running:record(
      "reload",
      nil,
      { reason = "only a policy that is a file can be loaded again (this one goes on)" }
    )
  end
end

local watches_nothing = setmetatable({ add = function() end }, { __close = function() end })

-- With --watch: watches the file of the policy, and the files that it has loaded.
local function file_watcher(options, load_anew)
  if not options.watch or not sources.is_file(options) then return watches_nothing end
  local watched = changes.new(load_anew)
  watched:add { options.policy }
  return watched
end

local function load_and_run(running, options, args)
  local load_anew
  local watched <close> = file_watcher(options, function() load_anew() end)
  local load = loader(running, options, args, function(files) watched:add(files) end)
  load_anew = reloader(running, options, load)
  local ok, message = load()
  if not ok then return exit_status.FAILED, sources.explain(options, message) end
  if running.status then return running.status end -- quit, before anything began
  local release = interrupts.take(signal_takers(running, options, load_anew))
  running:begin()
  run_loop(running)
  release()
  return status_of(running, options)
end

---@param options table
---@param args string[] what follows the policy
---@return integer status
---@return string? message
function run.main(options, args)
  if options.list then return list_shipped() end
  local status, message = sources.answer(options, args)
  if status then return status, message end
  if options.watch and sources.never_changes(options) then
    return exit_status.USAGE,
      "watchio: --watch: only a policy that is a file can change (want a file)"
  end
  local _ <close> = sources.lease()
  return with_session(session_options(options), load_and_run, options, args)
end

return run
