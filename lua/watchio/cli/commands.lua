-- SPDX-License-Identifier: MIT
-- The commands: their list, and the parser and help of each.
local commands = {}

--- Rows in the order of the help: the name, the words after it, and what it does. Each command is a
--- file here of that name, loaded when it is needed, which returns a watchio.Command.
commands.list = {
  { "run", "POLICY [ARG...]", "run a policy: watch, and act" },
  { "check", "POLICY", "show what a policy would do; start nothing" },
  { "match", "TARGET...", "show which processes the TARGETs name" },
  { "poll", "TARGET...", "wait for I/O of any of the processes" },
  { "wait", "STATE TARGET...", "wait until they are idle, active, or have ended" },
  { "stat", "TARGET...", "show what the TARGETs do, a line for each interval" },
  { "top", "[TARGET...]", "show the busiest processes, live on the terminal" },
  { "exec", "CMD...", "run a command; end it when it is idle or runs too long" },
  { "learn", "TARGET...", "measure the noise of idle TARGETs, print floors" },
  { "doctor", "", "report what can be read here, and what would help" },
}

---@class watchio.Command
---@field about string what it does, in a sentence or two
---@field examples string[] command lines, each with a comment
---@field words? table<string, string[]> what an argument or option takes, by the name of its value
---@field names_its_place? boolean its messages need no "watchio: " in front
---@field only_reads? boolean nothing of its user runs: it may use what a setcap copy lends
---@field takes_command? boolean the words that are not its own are a command line
---@field define fun(parser: table) adds its arguments and options to an argparse parser
---@field split? fun(words: string[]): string[], string[] cuts off the words that are not its own
---@field main fun(options: table, rest: string[]?): integer, string? the exit status, a message

local WIDTH = 79 -- of the help

--- The names of the commands, in the order of the help.
---@return string[]
function commands.names()
  local names = {}
  for index, row in ipairs(commands.list) do
    names[index] = row[1]
  end
  return names
end

--- A command by its name.
---@param name string?
---@return watchio.Command?
function commands.find(name)
  for _, row in ipairs(commands.list) do
    if row[1] == name then return require("watchio.cli." .. name) end
  end
end

--- Makes a parser for the words of a command.
---@param name string
---@param command watchio.Command
---@return table
function commands.parser(name, command)
  local parser = require "argparse"("watchio " .. name, command.about):add_help(false)
  parser:help_max_width(WIDTH):usage_max_width(WIDTH)
  command.define(parser)
  parser:flag("-h --help", "Show this help.")
  return parser
end

--- The help of a command.
---@param name string
---@param command watchio.Command
---@return string
function commands.help(name, command)
  local text = commands.parser(name, command):get_help() .. "\n"
  if not command.examples then return text end
  return ("%s\nExamples:\n  %s\n"):format(text, table.concat(command.examples, "\n  "))
end

local function overview()
  local calls, rows, width = {}, {}, 0
  for index, row in ipairs(commands.list) do
    calls[index] = row[1] .. (row[2] ~= "" and " " .. row[2] or "")
    width = math.max(width, #calls[index])
  end
  for index, row in ipairs(commands.list) do
    rows[index] = ("  %s  %s"):format(calls[index] .. (" "):rep(width - #calls[index]), row[3])
  end
  return table.concat(rows, "\n")
end

commands.USAGE = "Usage: watchio COMMAND ..."

--- The text of `watchio --help`.
---@return string
function commands.overview()
  return ([[
%s

Watches what processes do and lets a short Lua policy act on it.

Commands:
%s

  watchio help COMMAND (or the name of a shipped policy) tells more,
  and --version the versions.
  A TARGET is a pid, a name glob, or KEY=VALUE. nginx,user=alice means both,
  several TARGETs mean any of them.

Examples:
  watchio match nginx,port=80     # which processes that names
  watchio run policy.lua          # watches them, and acts
]]):format(commands.USAGE, overview())
end

return commands
