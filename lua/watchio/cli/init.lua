-- SPDX-License-Identifier: MIT
-- The command line: finds the command, parses its options, returns the exit status.
local commands = require "watchio.cli.commands"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local grammar = require "watchio.cli.grammar"
local native = require "watchio.native"
local option_hints = require "watchio.cli.option_hints"
local output = require "watchio.cli.output"
local proc = require "watchio.base.proc"
local shipped = require "watchio.policy.shipped"
local suggest = require "watchio.base.suggest"
local writer = require "watchio.base.writer"

local cli = {}

-- Messages go through a writer, which does not wait for a reader.
local function complain(text)
  writer.new(io.stderr, "standard error")(text .. "\n")
  writer.finish()
end

local function fail(message, usage)
  complain("watchio: " .. format.printed(message) .. (usage and "\n" .. usage or ""))
  return exit_status.USAGE
end

local function answer(text)
  output.write(text)
  return exit_status.DONE
end

local function versions()
  local uv = require "luv"
  return ("watchio %s (%s, libuv %s)\n"):format(
    native.version,
    native.built_with,
    uv.version_string()
  )
end

-- Words of other programs for commands.
local MEANT = {
  version = "--version",
  ["-v"] = "--version",
  ["-V"] = "--version",
  kill = "poll --kill",
  ps = "match",
  list = "run --list",
  watch = "run",
  monitor = "stat",
}

-- A hint for a word that is no command: `run` must stand before a policy.
local function meant_by(word, known)
  local is_policy = shipped.text(word) or word:find "%.lua$"
  local meant = is_policy and "run " .. word or MEANT[word]
  return meant and (" (did you mean '%s'?)"):format(meant) or suggest(word, known)
end

-- The first word is no command, nor anything else that may stand there.
local function no_command(word, others_known)
  if not word then return fail("no command", (commands.overview():gsub("\n$", ""))) end
  local is_option = word:find "^%-"
  local known = is_option and { "--help", "--version" } or commands.names()
  if not is_option then known[#known + 1] = "help" end
  for _, name in ipairs(others_known or {}) do
    known[#known + 1] = name
  end
  local what = is_option and "option" or "command"
  return fail(("unknown %s '%s'%s"):format(what, word, meant_by(word, known)), commands.USAGE)
end

local function help(name, command) return answer(commands.help(name, command)) end

-- Words that stand in the place of a command. Each takes the words after it.
local others = {}

others["--version"] = function() return answer(versions()) end
others["--help"] = function() return answer(commands.overview()) end
others["-h"] = others["--help"]

function others.help(words)
  local name = words[1]
  if not name then return others["--help"]() end
  if words[2] then return fail(("help: one command, not '%s' too"):format(words[2])) end
  local command = commands.find(name)
  if command then return help(name, command) end
  local page = shipped.help(name)
  if page then return answer(page) end
  return name == "help" and others["--help"]() or no_command(name, shipped.names())
end

-- The completions of the shells ask for it.
function others.complete(words) return answer(require "watchio.cli.complete"(words)) end

local function wants_help(words)
  for _, word in ipairs(words) do
    if word == "-h" or word == "--help" then return true end
  end
  return false
end

-- The parser's complaint, in one line.
local function fault(message, words, parser)
  local own = message:gsub("\nDid you mean .*%?$", "")
  local unknown = own:match "^unknown option '(.*)'$"
  return own .. (unknown and option_hints.of(unknown, words, grammar.of(parser)) or "")
end

-- The capabilities of a setcap copy are for reading counters, never for policies and commands of
-- its user.
local function give_up(name)
  local given_up, message = native.give_up()
  if given_up == nil then error("cannot give up its capabilities: " .. message, 0) end
  if not given_up then return end
  complain(
    "watchio: the capabilities of its file are for reading only: "
      .. ("'%s' goes on without them"):format(name)
  )
end

local function run_command(name, command, words)
  if not command.only_reads then give_up(name) end
  local own, rest = words, nil
  if command.split then
    own, rest = command.split(words)
  end
  if wants_help(own) then return help(name, command) end
  local parser = commands.parser(name, command)
  local ok, options = parser:pparse(own)
  if not ok then return fail(fault(options, own, parser), parser:get_usage()) end
  local blind = proc.fault()
  if blind then
    return command.takes_command and exit_status.OWN_FAILURE or exit_status.NOT_PERMITTED,
      "watchio: " .. blind
  end
  local status, message = command.main(options, rest)
  local prefix = command.names_its_place and "" or "watchio: "
  return status, message and prefix .. format.printed(message)
end

local function run(argv)
  local name, words = argv[1], table.move(argv, 2, #argv, 1, {})
  local command = commands.find(name)
  if command then return run_command(name, command, words) end
  local other = name and others[name]
  if other then return other(words) end
  return no_command(name)
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
