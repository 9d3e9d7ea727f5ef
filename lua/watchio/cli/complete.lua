-- SPDX-License-Identifier: MIT
-- watchio complete WORD…: prints what the last word, which may be empty, can become. The
-- completions of the shells call it (scripts/completions); it is no command for people.
--
-- Each line has a candidate, a tab, and what it is. A line that begins with ":" is for the shell.
-- ":files": names of files may stand there, too. ":command N": another command line begins with the
-- Nth word after the program's name.
local candidates = require "watchio.cli.candidates"
local commands = require "watchio.cli.commands"
local grammar = require "watchio.cli.grammar"

local PLAIN = "^[%w_/@][%w_./@:+=,-]*$" -- what every shell takes as it is

-- A list of lines, each once, of candidates that begin with `prefix`.
local function new_lines(prefix)
  local lines, seen = {}, {}
  return lines,
    function(word, about)
      if seen[word] or word:sub(1, #prefix) ~= prefix then return end
      seen[word] = true
      lines[#lines + 1] = about and word .. "\t" .. about:gsub("%c", " ") or word
    end
end

local function offer_commands(offer)
  for _, row in ipairs(commands.list) do
    offer(row[1], row[3])
  end
end

local function first_word(word, offer)
  if word:find "^%-" then
    offer("--help", "Show the commands.")
    return offer("--version", "Show the versions.")
  end
  offer_commands(offer)
  offer("help", "show the help of a command")
end

local function offer_options(options, offer)
  for _, option in ipairs(options) do
    for _, name in ipairs(option.names) do
      offer(name, option.about)
    end
  end
end

local function option_called(options, word)
  for _, option in ipairs(options) do
    for _, name in ipairs(option.names) do
      if name == word then return option end
    end
  end
end

-- Name of a value → its candidates, if the parser has no choices for it.
local VALUES = {
  TARGET = candidates.target,
  POLICY = candidates.policy,
}
local IN_FILES = { POLICY = true, FILE = true, DIR = true }

-- Offers the candidates for a value. `before` stands in front of each: "--per=".
local function offer_values(command, slot, word, offer, before)
  before = before or ""
  local function offer_plain(value, about)
    if value:find(PLAIN) then offer(before .. value, about) end
  end
  local choices = slot.choices or command.words and command.words[slot.value]
  for _, choice in ipairs(choices or {}) do
    offer_plain(choice)
  end
  if not choices and VALUES[slot.value] then VALUES[slot.value](word, offer_plain) end
  return IN_FILES[slot.value] and ":files" or nil
end

-- The element at the last word: the option that takes it as its value, or else the argument. Also
-- whether a "--" has ended the options.
local function slot_of(known, words)
  local count, ended, pending = 0, false, nil
  for index = 1, #words - 1 do
    local word = words[index]
    if pending then
      pending = nil
    elseif not ended and word == "--" then
      ended = true
    elseif not ended and word:find "^%-." then
      local option = option_called(known.options, word)
      pending = option and option.value and option
    else
      count = count + 1
    end
  end
  local last = known.arguments[#known.arguments]
  local argument = known.arguments[count + 1] or last and last.many and last
  return pending or nil, argument or nil, ended
end

-- The words of one command; the last is completed.
local function complete_own(command, parser, words, offer)
  local known, word = grammar.of(parser), words[#words]
  local option, argument, ended = slot_of(known, words)
  if option then return offer_values(command, option, word, offer) end
  if not ended and word:find "^%-" then
    local name, value = word:match("^(%-%-[%w-]+)=(.*)$")
    local assigned = name and option_called(known.options, name)
    if not assigned then return offer_options(known.options, offer) end
    return assigned.value and offer_values(command, assigned, value, offer, name .. "=")
  end
  if argument then return offer_values(command, argument, word, offer) end
end

local function complete_command(name, words, offer)
  if name == "help" then return #words == 1 and offer_commands(offer) end
  local command = commands.find(name)
  if not command then return end
  local rest = command.split and select(2, command.split(words)) or {}
  -- The last word is kept: a "--" there may become an option.
  if #rest == 0 then
    return complete_own(command, commands.parser(name, command), words, offer)
  end
  if command.takes_command then return (":command %d"):format(#words - #rest + 2) end
  return ":files"
end

--- The lines of the answer.
---@param words string[] what follows the program's name, up to where the cursor is
---@return string
return function(words)
  local lines, offer = new_lines(words[#words] or "")
  local directive
  if #words < 2 then
    first_word(words[1] or "", offer)
  else
    directive = complete_command(words[1], table.move(words, 2, #words, 1, {}), offer)
  end
  table.sort(lines)
  if directive then table.insert(lines, directive) end
  return #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
end
