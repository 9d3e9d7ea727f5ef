-- SPDX-License-Identifier: MIT
-- Whether to show colours, and more than ASCII, on a terminal.
local uv = require "luv"

local style = { DIM = 2 } -- a look, as ANSI numbers it

--- Whether text for a descriptor may have colours: on a terminal that is not dumb, without
--- NO_COLOR.
---@param fd integer
---@return boolean
function style.wants_colour(fd)
  local no_colour = os.getenv("NO_COLOR") or ""
  return no_colour == "" and os.getenv("TERM") ~= "dumb" and uv.guess_handle(fd) == "tty"
end

--- A text in a colour.
---@param text string
---@param colour integer? as ANSI numbers them; default: the terminal's own
---@return string
function style.painted(text, colour) return ("\27[%dm%s\27[0m"):format(colour or 0, text) end

--- Whether the locale says that the terminal shows more than ASCII.
---@return boolean
function style.is_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local locale = os.getenv(name)
    if locale and locale ~= "" then return locale:lower():find "utf%-?8" ~= nil end
  end
  return false
end

return style
