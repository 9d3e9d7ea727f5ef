-- SPDX-License-Identifier: MIT
-- Compares two values by meaning: tables by their contents, functions by their code and by the
-- values they close over. A reload uses it to find what a new version of a policy leaves as it was.

local is_same

-- The byte code of a function without its position. After a head of 32 bytes come its source (left
-- out), its first and its last line. Each is a number whose last byte has the highest bit.
local HEAD, NUMBER <const> = ("."):rep(32), "[\0-\x7f]*[\x80-\xff]"

local function code_of(a_function)
  local has_code, code = pcall(string.dump, a_function, true)
  if not has_code then return nil end -- a C function
  local head, rest = code:match("^(" .. HEAD .. ")" .. NUMBER:rep(3) .. "(.*)$")
  return head and head .. rest or code
end

-- The globals that a function closes over are not compared: each version of a policy has new ones.
local function is_same_function(a, b, seen)
  local code = code_of(a)
  if not code or code ~= code_of(b) then return false end
  local index = 1
  local name, value = debug.getupvalue(a, index)
  while name do
    local _, other_value = debug.getupvalue(b, index)
    if name ~= "_ENV" and not is_same(value, other_value, seen) then return false end
    index = index + 1
    name, value = debug.getupvalue(a, index)
  end
  return true
end

local function is_same_table(a, b, seen)
  for key, value in pairs(a) do
    if not is_same(value, b[key], seen) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local comparisons = { table = is_same_table, ["function"] = is_same_function }

---@param a any
---@param b any
---@param seen? table<any, any> pairs that are being compared already, so that cycles end
---@return boolean
function is_same(a, b, seen)
  if rawequal(a, b) then return true end
  local compare = type(a) == type(b) and comparisons[type(a)]
  if not compare then return a == b end
  seen = seen or {}
  if seen[a] == b then return true end
  seen[a] = b
  return compare(a, b, seen)
end

return is_same
