-- SPDX-License-Identifier: MIT
-- The policies that come with the program, by name.
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"

local shipped = {}

-- The policies are embedded in the program. Without it there are none.
local function texts()
  local ok, all = pcall(require, "watchio.shipped_texts")
  return ok and all or {}
end

--- The names of all shipped policies, in order.
---@return string[]
function shipped.names() return tables.keys(texts()) end

--- The text of a shipped policy.
---@param name string
---@return string?
function shipped.text(name) return texts()[name] end

-- The lines of the comment that a text begins with, without their dashes.
local function head_of(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do
    local words = line:match("^%-%- ?(.*)$")
    if not words then break end
    lines[#lines + 1] = words
  end
  return lines
end

--- Parses the head of a policy. The head is a comment: it says what the policy does; then,
--- indented, its usage; then what its arguments are.
---@param text string
---@return { about: string, usage: string?, details: string[] } head `usage` is e.g.
---"watchio run kill-on-idle NAME [IDLE]", `details` are lines
function shipped.head(text)
  local lines = head_of(text)
  local head = { about = table.remove(lines, 1) or "", details = {} }
  for _, line in ipairs(lines) do
    local usage = not head.usage and line:match("^%s+(watchio run .*)$")
    if usage then
      head.usage = usage
    else
      head.details[#head.details + 1] = line
    end
  end
  return head
end

--- The usage of a shipped policy, in one line.
---@param name string
---@return string? e.g. "Usage: watchio run kill-on-idle NAME [IDLE]"; nil where there is none
function shipped.usage(name)
  local text = shipped.text(name)
  local usage = text and shipped.head(text).usage
  return usage and "Usage: " .. usage
end

--- Checks the arguments of a shipped policy before it reads them.
---@param name string
---@param args string[]
---@return string? message nil when they are right
function shipped.fault(name, args)
  local usage = shipped.usage(name) or ""
  for _, word in ipairs(args) do
    if word:find "^%-%-%a" then
      return ("%s: '%s' is no argument of it (the options of run stand before the name)"):format(
        name,
        word
      )
    end
  end
  local _, most = usage:gsub("%f[%u]%u%u+%f[%U]", "")
  if #args <= most then return nil end
  return ("%s: takes at most %d arguments, but was given %d"):format(name, most, #args)
end

--- The help of a shipped policy.
---@param name string
---@return string? page nil where there is no policy of that name
function shipped.help(name)
  local text = shipped.text(name)
  if not text then return nil end
  local head = shipped.head(text)
  local details = table.concat(head.details, "\n"):gsub("\n\n+", "\n\n"):gsub("^\n+", "")
  return (
    "%s\n\n%s\n\n%s\n\nThe options of run stand before the name, e.g. "
    .. "watchio run --dry-run %s\n"
  ):format(shipped.usage(name) or "Usage: watchio run " .. name, head.about, details, name)
end

--- The hint to append to a message that there is no policy of that name.
---@param name string
---@return string hint e.g. ` (did you mean 'rebuild-while-read'?)`
function shipped.suggest(name) return suggest(name:gsub("%.lua$", ""), shipped.names()) end

return shipped
