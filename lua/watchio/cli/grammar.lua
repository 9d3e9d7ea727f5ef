-- SPDX-License-Identifier: MIT
-- The grammar of a parser as data: for the completions, and for the specs that compare the pages
-- with it. Only this file knows how argparse keeps its elements.

local grammar = {}

---@class watchio.GrammarOption
---@field names string[] e.g. { "-q", "--quiet" }
---@field about string
---@field value? string the name of its value; a flag has none
---@field choices? string[]

---@class watchio.GrammarArgument
---@field value string its name, e.g. "TARGET"
---@field choices? string[]
---@field many boolean any number of them

local function name_of(element)
  local name = element._argname or element._name:gsub("^%-+", ""):upper()
  return type(name) == "table" and name[1] or name
end

--- The options and arguments of a parser.
---@param parser table of argparse
---@return { options: watchio.GrammarOption[], arguments: watchio.GrammarArgument[] }
function grammar.of(parser)
  local found = { options = {}, arguments = {} }
  for _, option in ipairs(parser._options) do
    if not option._hidden then
      found.options[#found.options + 1] = {
        names = option._public_aliases,
        about = option._description or "",
        value = option._maxargs > 0 and name_of(option) or nil,
        choices = option._choices,
      }
    end
  end
  for _, argument in ipairs(parser._arguments) do
    found.arguments[#found.arguments + 1] = {
      value = name_of(argument),
      choices = argument._choices,
      many = argument._maxargs > 1,
    }
  end
  return found
end

return grammar
