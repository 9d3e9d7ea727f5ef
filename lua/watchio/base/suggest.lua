-- SPDX-License-Identifier: MIT
-- "Did you mean": the known word nearest to a mistyped one.

--- The edit distance: how many letters to insert, delete, replace or swap with their neighbour.
---@param a string
---@param b string
---@return integer
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    local row, above = { [0] = i }, rows[i - 1]
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same and 0 or 1))
      local swapped = i > 1
        and j > 1
        and a:byte(i) == b:byte(j - 1)
        and a:byte(i - 1) == b:byte(j)
      if swapped then row[j] = math.min(row[j], rows[i - 2][j - 2] + 1) end
    end
    rows[i] = row
  end
  return rows[#a][#b]
end

--- A hint to append to a message about `word`; empty if no known word is near.
---@param word any
---@param known string[]
---@return string hint e.g. ` (did you mean 'watch'?)`
local function suggest(word, known)
  if type(word) ~= "string" or #word > 64 then return "" end
  local best, best_distance = nil, math.max(1, #word // 3) + 1
  for _, candidate in ipairs(known) do
    local steps = distance(word:lower(), candidate:lower())
    if steps < best_distance then
      best, best_distance = candidate, steps
    end
  end
  for _, candidate in ipairs(best and {} or known) do -- `idle` for `on_idle`
    if candidate:sub(-#word - 1) == "_" .. word then best = best or candidate end
  end
  return best and (" (did you mean '%s'?)"):format(best) or ""
end

return suggest
