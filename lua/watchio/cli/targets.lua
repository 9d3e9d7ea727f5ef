-- The TARGETs of a command line: a pid, a name glob, or KEY=VALUE.
local format = require "watchio.format"
local matching = require "watchio.matching"
local selectors = require "watchio.selectors"

local targets = {}

local HELP = "A pid, a name glob, or KEY=VALUE with pid, name, cmd, exe, user, unit, cgroup, "
  .. "port or pidfile."

local USAGE, NOTHING_MATCHES, NOT_PERMITTED = 2, 3, 4

--- What lets everything be read that cannot be.
targets.CURE = "run as their user or as root, or give watchio CAP_SYS_PTRACE and "
  .. "CAP_DAC_READ_SEARCH"

--- Adds the TARGETs.
---@param parser table
---@param count? string how many, as argparse says it; default "+", at least one
function targets.define(parser, count)
  parser:argument("TARGET", HELP):args(count or "+"):argname("TARGET"):target("targets")
end

--- Adds the option that says what is one target.
---@param parser table
function targets.define_per(parser)
  parser:option("--per", "How processes form one target: tree, process, all, name, user or unit.")
    :choices { "tree", "process", "all", "name", "user", "unit" }:default("tree")
end

local is_number = { pid = true, user = true, port = true }

--- What one TARGET names: "812" → { pid = 812 }, "user=alice" → { user = "alice" },
--- "nginx" → { name = "nginx" }.
---@param word string
---@return table? selector
---@return string? message
function targets.selector(word)
  local key, value = word:match("^(%a+)=(.*)$")
  if key == "except" or key == "where" then
    return nil, ("%s: only a policy can have it"):format(key)
  end
  if not key then key, value = tonumber(word) and "pid" or "name", word end
  if is_number[key] then value = math.tointeger(tonumber(value)) or value end
  return { [key] = value }
end

--- What several name, in their order.
---@param words string[]
---@return table[]? selectors
---@return string? message
function targets.selectors(words)
  local list = {}
  for index, word in ipairs(words) do
    local selector, message = targets.selector(word)
    if not selector then return nil, message end
    list[index] = selector
  end
  return list
end

--- The same with all values of one key in one selector, so that they are grouped together.
---@param list table[]
---@return table[]
function targets.merge(list)
  local merged, by_key = {}, {}
  for _, selector in ipairs(list) do
    local key, value = next(selector)
    if not by_key[key] then
      by_key[key] = {}
      merged[#merged + 1] = { [key] = by_key[key] }
    end
    table.insert(by_key[key], value)
  end
  return merged
end

-- Why a TARGET names nothing that lives.
local function explain(own, word, selector, found)
  if found[1] then
    return ("process %d has ended (a zombie)"):format(found[1].pid)
  end
  if selector.pid then return ("no process %d"):format(selector.pid) end
  local reason = ""
  if selector.pidfile then
    local _, message = own.monitor:pidfile(selector.pidfile)
    reason = message and ": " .. message or ""
  end
  return ("no process matches %s%s"):format(format.escape(word), reason)
end

---@class watchio.Looked what TARGETs name now
---@field matches table<integer, watchio.native.Process> those that live, by pid
---@field unknown table<integer, watchio.native.Process> by pid: whether they match cannot be told
---@field missing string[] of each TARGET that names nothing, why

--- Asks for each TARGET alone.
---@param own watchio.Session
---@param words string[] the TARGETs
---@param list table[] their selectors
---@return watchio.Looked?
---@return string? message why a TARGET is none
function targets.look(own, words, list)
  local seen = { matches = {}, unknown = {}, missing = {} }
  for index, selector in ipairs(list) do
    local natives, message = selectors.check(selector)
    local found, unknown = nil, message
    if natives then found, unknown = matching.find(own, natives) end
    if not found then return nil, unknown end
    local lives = false
    for _, process in ipairs(found) do
      lives = lives or not process.ended
      seen.matches[process.pid] = not process.ended and process or nil
    end
    for _, process in ipairs(unknown) do seen.unknown[process.pid] = process end
    if not lives then
      seen.missing[#seen.missing + 1] = explain(own, words[index], selector, found)
    end
  end
  return seen
end

-- How many they are, and the reason of most: one that just ends has a reason of its own.
local function count_denied(unknown)
  local count, times, reason = 0, {}, nil
  for _, process in pairs(unknown) do
    local own = process.denied
    count, times[own] = count + 1, (times[own] or 0) + 1
    if not reason or times[own] > times[reason] then reason = own end
  end
  return count, reason
end

--- Of how many processes it cannot be told whether they match, and what would mend it.
---@param unknown table<integer, watchio.native.Process>
---@return string? line nil when there are none
function targets.unknown_line(unknown)
  local count, reason = count_denied(unknown)
  if count == 0 then return nil end
  local many = format.count(count, "process", "es")
  return ("whether %s would match cannot be told: %s (%s)"):format(many, reason, targets.CURE)
end

--- The selectors of TARGETs that name at least one process now.
---@param own watchio.Session
---@param words string[]
---@return table[]? selectors those of one key merged
---@return integer? status what the command exits with when there are none
---@return string? message
function targets.find(own, words)
  local list, message = targets.selectors(words)
  if not list then return nil, USAGE, message end
  local seen
  seen, message = targets.look(own, words, list)
  if not seen then return nil, USAGE, message end
  if next(seen.matches) then return targets.merge(list) end
  local unknown = targets.unknown_line(seen.unknown)
  if unknown then return nil, NOT_PERMITTED, unknown end
  return nil, NOTHING_MATCHES, table.concat(seen.missing, "; ")
end

return targets
