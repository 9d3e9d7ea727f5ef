-- The command line: finds the command, parses its options, returns the exit status.
local output = require "watchio.cli.output"
local suggest = require "watchio.suggest"
local writer = require "watchio.writer"

local cli = {}

-- One file a command; only the one that is asked for is loaded.
local COMMANDS = {
  "run", "check", "match", "poll", "wait", "exec", "stat", "top", "learn", "doctor",
}

local USAGE = 2

local HELP = [[
Usage: watchio COMMAND …

Watches what processes do and lets a short Lua policy act on it.

Commands:
  run POLICY [ARG…]   run a policy until TERM or INT, quit, or nothing is left to watch
  check POLICY        load a policy, show its watches and what they match now; start nothing
  match TARGET…       show which processes the TARGETs name, and which cannot be read
  poll TARGET…        wait for I/O of any of the processes
  wait STATE TARGET…  wait until targets are idle, one is active, or all have ended
  stat TARGET…        show what targets do, one line for each of them and interval
  top [TARGET…]       show who is busy, live on the terminal
  exec CMD…           run a command; end all of it when it was idle, or ran, for too long
  learn TARGET…       measure the idle noise of targets and print floors above it
  doctor              tell what this user may read here, and what would mend the rest

  watchio COMMAND --help tells more. --version prints the version.
]]

-- Nobody has to read it: a writer does not wait.
local function complain(text)
  writer.new(io.stderr, "standard error")(text .. "\n")
  writer.finish()
end

local function fail(message, usage)
  complain("watchio: " .. message .. (usage and "\n" .. usage or ""))
  return USAGE
end

local function wants_help(words)
  for _, word in ipairs(words) do
    if word == "-h" or word == "--help" then return true end
  end
  return false
end

local function top_level(word)
  if word == "--version" then
    output.write("watchio " .. require("watchio.native").version .. "\n")
    return 0
  end
  if word == "--help" or word == "-h" or word == "help" then
    output.write(HELP)
    return 0
  end
  if not word then return fail("no command", HELP:match("^[^\n]*")) end
  local message = ("unknown command '%s'%s"):format(word, suggest(word, COMMANDS))
  return fail(message, HELP:match("^[^\n]*"))
end

local function find_command(name)
  for _, known in ipairs(COMMANDS) do
    if name == known then return require("watchio.cli." .. name) end
  end
end

local function parse(command, name, words)
  local parser = require "argparse"("watchio " .. name, command.about):add_help(false)
  command.define(parser)
  parser:flag("-h --help", "Show this help.")
  local own, rest = words, nil
  if command.split then own, rest = command.split(words) end
  if wants_help(own) then return nil, parser:get_help() end
  local ok, options = parser:pparse(own)
  if not ok then return false, options, parser:get_usage() end
  return options, rest
end

local function run(argv)
  local name = argv[1]
  local command = find_command(name)
  if not command then return top_level(name) end
  local options, rest, usage = parse(command, name, table.move(argv, 2, #argv, 1, {}))
  if options == nil then
    output.write(rest .. "\n")
    return 0
  end
  if options == false then return fail(rest, usage) end
  local status, message = command.main(options, rest)
  local prefix = command.names_its_place and "" or "watchio: "
  return status, message and prefix .. message
end

--- Runs the program.
---@param argv string[] the arguments, from index 1
---@return integer status
function cli.main(argv)
  local status, message = output.close(run(argv))
  if message then complain(message) end
  return status
end

return cli
