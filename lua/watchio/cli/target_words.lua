-- SPDX-License-Identifier: MIT
-- Parses a TARGET of the command line: a pid or a name glob, then KEY=VALUE with commas between.
-- One process must match all of it. Several TARGETs mean any of them.
local selector_keys = require "watchio.check.selector_keys"
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"

local target_words = {}

-- The place where the next part begins: after a comma that KEY= follows. An unknown key begins a
-- part, too, but in cmd= only if it looks like a slip of a known key. Any other comma belongs to
-- the value, as in cmd=x{1,3}.
local function next_part(word, from)
  local at = from
  while true do
    local comma, _, key = word:find(",(%a+)=", at)
    if not comma then return nil end
    if selector_keys.of(key) then return comma end
    local in_cmd = word:sub(from, from + 3) == "cmd="
    if not in_cmd or suggest(key, selector_keys.names) ~= "" then return comma end
    at = comma + 1
  end
end

--- The parts of a TARGET: "nginx,user=alice" → { "nginx", "user=alice" }.
---@param word string
---@return string[]
function target_words.parts(word)
  local parts, from = {}, 1
  while true do
    local comma = next_part(word, from)
    parts[#parts + 1] = word:sub(from, comma and comma - 1)
    if not comma then return parts end
    from = comma + 1
  end
end

local function key_and_value(part, is_first)
  local key, value = part:match("^(%a+)=(.*)$")
  if not key and is_first then return tonumber(part) and "pid" or "name", part end
  return key, value
end

local function wrong_key(key, is_first)
  if key == "except" or key == "where" then
    return ("%s: only a policy can have it"):format(key)
  end
  if selector_keys.of(key) then return nil end
  local hint = suggest(key, selector_keys.names)
  if hint == "" then hint = (" (want %s)"):format(table.concat(selector_keys.names, ", ")) end
  local own = is_first and "" or "; a comma of the value itself is written [,]"
  return ("unknown key '%s'%s%s"):format(key, hint, own)
end

--- The selector of one TARGET: "812" → { pid = 812 }, "nginx,user=alice" → { name = "nginx", user =
--- "alice" }.
---@param word string
---@return table? selector
---@return string? message
function target_words.selector(word)
  local selector = {}
  for index, part in ipairs(target_words.parts(word)) do
    local key, value = key_and_value(part, index == 1)
    local message = wrong_key(key, index == 1)
    if message then return nil, message end
    if selector[key] then
      return nil, ("%s: given twice in one TARGET (want one TARGET for each)"):format(key)
    end
    if selector_keys.of(key).is_number then value = math.tointeger(tonumber(value)) or value end
    selector[key] = value
  end
  return selector
end

--- A hint for a TARGET that is wrong or names nothing, if a comma could be the reason.
---@param selector table
---@return string hint empty when there is none
function target_words.comma_hint(selector)
  for key, value in pairs(selector) do
    if type(value) == "string" and key ~= "cmd" and value:find(",", 1, true) then
      return " (after a comma want KEY=VALUE, as in nginx,user=alice; blanks separate TARGETs)"
    end
  end
  return ""
end

-- The key in which two selectors with the same keys differ, if it is only one; false if they are
-- equal.
local function difference(a, b)
  local differs = false
  for key, value in pairs(a) do
    if b[key] == nil or differs and b[key] ~= value then return nil end
    if b[key] ~= value then differs = key end
  end
  for key in pairs(b) do
    if a[key] == nil then return nil end
  end
  return differs
end

-- Merges a selector into one that differs in one key only. That key may then have either value.
local function join(group, selector)
  local key = difference(group.first, selector)
  if key == nil or key and group.key and group.key ~= key then return false end
  if not key then return true end
  group.key = key
  if type(group.selector[key]) ~= "table" then group.selector[key] = { group.selector[key] } end
  table.insert(group.selector[key], selector[key])
  return true
end

--- The same selection in as few selectors as possible: selectors that differ in one key become one
--- with a list.
---@param list table[]
---@return table[]
function target_words.merge(list)
  local groups, merged = {}, {}
  for _, selector in ipairs(list) do
    local is_in = false
    for _, group in ipairs(groups) do
      is_in = is_in or join(group, selector)
    end
    if not is_in then
      groups[#groups + 1] = { first = selector, selector = tables.merged(selector) }
    end
  end
  for index, group in ipairs(groups) do
    merged[index] = group.selector
  end
  return merged
end

return target_words
