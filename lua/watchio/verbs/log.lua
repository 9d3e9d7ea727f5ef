-- SPDX-License-Identifier: MIT
-- log(format, …): a line in the report.
local action = require "watchio.tasks.action"
local values = require "watchio.check.values"

local log = {}

--- The arguments of a verb with a text. The text is formatted once, when the action is made.
---@param format any
---@param ... any
---@return { text: string }?
---@return string? message
function log.check(format, ...)
  if type(format) ~= "string" then
    return nil, ("bad format (want a string, got %s)"):format(values.show(format))
  end
  if select("#", ...) == 0 then return { text = format } end
  local ok, text = pcall(string.format, format, ...)
  if not ok then return nil, text end
  return { text = text }
end

local function perform(self, target)
  self.session:record("log", target, { message = self.options.text })
end

--- An action that reports a line. In a handler the call itself reports it.
---@param session watchio.Session
---@param format string as for string.format; without arguments it is taken as it is
log.new = action.define {
  name = "log",
  check = log.check,
  text = function(options) return options.text end,
  perform = perform,
  unasked = true,
  while_loading = true,
}

return log
