-- The policies that come with the program, by name.
local suggest = require "watchio.suggest"

local shipped = {}

-- Embedded in the program; there are none without it.
local function texts()
  local ok, all = pcall(require, "watchio.shipped_texts")
  return ok and all or {}
end

--- Their names, in order.
---@return string[]
function shipped.names()
  local names = {}
  for name in pairs(texts()) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The text of one.
---@param name string
---@return string?
function shipped.text(name)
  return texts()[name]
end

--- What a policy is for: its first line, a comment.
---@param text string
---@return string
function shipped.about(text)
  return text:match("^%-%-%s*([^\n]*)") or ""
end

--- The hint to append to a message that there is no policy of that name.
---@param name string
---@return string hint e.g. ` (did you mean 'rebuild-while-read'?)`
function shipped.suggest(name)
  return suggest(name:gsub("%.lua$", ""), shipped.names())
end

return shipped
