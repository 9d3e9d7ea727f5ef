-- The TARGETs of a command line: a pid, a name glob, or KEY=VALUE.

local targets = {}

targets.HELP = "A pid, a name glob, or KEY=VALUE with pid, name, cmd, exe, user, unit, cgroup, "
  .. "port or pidfile."

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

return targets
