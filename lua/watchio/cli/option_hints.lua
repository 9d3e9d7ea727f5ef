-- SPDX-License-Identifier: MIT
-- "Did you mean" for the options of a command. Only words are compared, since a single letter is
-- near every other.
local selector_keys = require "watchio.check.selector_keys"
local suggest = require "watchio.base.suggest"

local option_hints = {}

-- Words of other programs for options.
local MEANT = {
  ["--interval"] = { "--every", "--step" },
  ["--delay"] = { "--every", "--step" },
  ["--timeout"] = { "--max", "--for" },
  ["--dryrun"] = { "--dry-run" },
  ["--wait"] = { "--for" },
  ["--iterations"] = { "--count" },
  ["--period"] = { "--every" },
  ["--duration"] = { "--for" },
}

local function long_names(grammar)
  local names = {}
  for _, option in ipairs(grammar.options) do
    for _, name in ipairs(option.names) do
      if name:find "^%-%-" then
        names[#names + 1], names[name] = name, true
      end
    end
  end
  return names
end

local function takes_targets(grammar)
  for _, argument in ipairs(grammar.arguments) do
    if argument.value == "TARGET" then return true end
  end
end

-- A hint for "-idle" in place of "--idle": the parser complains of "-i".
local function written(name, words)
  if #name ~= 2 then return name end
  for _, word in ipairs(words) do
    local long = word:match "^%-(%a[%a-]+)"
    if long and word:sub(1, 2) == name then return "--" .. long end
  end
end

-- A hint for a key of a TARGET, as in --user alice.
local function key_hint(name, grammar)
  if not takes_targets(grammar) then return nil end
  local key = name:match "^%-%-(.*)"
  if selector_keys.of(key) then return (" (want a TARGET such as %s=…)"):format(key) end
end

--- A hint to append to a message about an unknown option.
---@param name string as the parser complains of it, e.g. "--idel", or "-i" for "-idle"
---@param words string[] the command line
---@param grammar { options: watchio.GrammarOption[], arguments: watchio.GrammarArgument[] }
---@return string hint e.g. " (did you mean '--idle'?)"; empty when none is near
function option_hints.of(name, words, grammar)
  local known, own = long_names(grammar), written(name, words)
  if not own then return "" end
  for _, other in ipairs(MEANT[own] or {}) do
    if known[other] then return (" (did you mean '%s'?)"):format(other) end
  end
  return key_hint(own, grammar) or suggest(own, known)
end

return option_hints
