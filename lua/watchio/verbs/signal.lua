-- SPDX-License-Identifier: MIT
-- signal "HUP": signals all processes of a target.
local action = require "watchio.tasks.action"
local rails = require "watchio.verbs.rails"
local signals = require "watchio.check.signals"

local signal = {}

--- Signals all processes of a target, including those that are forked meanwhile.
---@param session watchio.Session
---@param target watchio.Target?
---@param number integer
---@return true?
---@return string? message
---@return string? code
function signal.send(session, target, number)
  return rails.act_once(session, target, {
    verb = "signal",
    fields = { signal = signals.name(number) },
    capability = "CAP_KILL",
    is_signal = true,
    perform = function(pinned, in_slices) return pinned:signal(number, false, in_slices) end,
  })
end

local function check(value)
  local number, message = signals.number(value)
  if not number then return nil, message end
  return { number = number }
end

--- An action that sends a signal.
---@param session watchio.Session
---@param value string|integer
signal.new = action.define {
  name = "signal",
  check = check,
  text = function(options) return signals.name(options.number) end,
  perform = function(self, target)
    if self.session.finishing then return false, "watchio ends" end
    return rails.result(signal.send(self.session, target, self.options.number))
  end,
}

return signal
