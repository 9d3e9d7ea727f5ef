-- SPDX-License-Identifier: MIT
-- notify("text"): a notification on the desktop if there is one, else a line in the report.
local uv = require "luv"
local action = require "watchio.tasks.action"
local command = require "watchio.command.command"
local environment = require "watchio.command.environment"
local format = require "watchio.base.format"
local log = require "watchio.verbs.log"
local units = require "watchio.base.units"

local notify = {}

local PROGRAM = "notify-send"
local LONGEST_NS = 5 * units.SECOND -- that it may take

local function is_set(name) return (os.getenv(name) or "") ~= "" end

local function has_desktop()
  if is_set "DBUS_SESSION_BUS_ADDRESS" or is_set "DISPLAY" then return true end
  return is_set "XDG_RUNTIME_DIR" and uv.fs_stat(os.getenv "XDG_RUNTIME_DIR" .. "/bus") ~= nil
end

-- The program that notifies; nil if there is none, or no desktop to show it.
local function find_program()
  if not has_desktop() then return nil end
  for folder in (os.getenv "PATH" or ""):gmatch("/[^:]*") do
    local path = folder .. "/" .. PROGRAM
    if uv.fs_access(path, "X") then return path end
  end
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["\\"] = "\\\\" }

--- A text as the body of a notification. Its markup and backslash escapes are made harmless, since
--- a process's name may contain them. Of control characters only line ends stay.
---@param text string
---@return string
function notify.body(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = format.escape(line):gsub("[&<>\\]", entities)
  end
  return table.concat(lines, "\n")
end

-- Shows a notification, or reports its text if that fails.
local function show(session, program, text, target, event)
  local function fall_back() session:record("log", target, { message = text }) end
  local title = format.escape(target and target.label or "watchio")
  local alarm
  local started = command.start(
    session,
    {
      argv = { program, "--app-name=watchio", "--", title, notify.body(text) },
      env = environment.of(nil, {}, target, event),
      output = "null",
    },
    true,
    function(ended)
      session:cancel(alarm)
      if ended.status ~= 0 then return fall_back() end
      session:record("notify", target, { message = text })
    end
  )
  if not started then return fall_back() end
  alarm = session:alarm(LONGEST_NS, function() started:terminate() end)
end

local function perform(self, target, event)
  local session, text = self.session, self.options.text
  if session.finishing then return false, "watchio ends" end
  local program = find_program()
  if program and not session.dry then return show(session, program, text, target, event) end
  session:record(program and "notify" or "log", target, { message = text })
end

--- An action that notifies. In a handler the call itself notifies.
---@param session watchio.Session
---@param format string as for string.format; without arguments it is taken as it is
notify.new = action.define {
  name = "notify",
  check = log.check,
  text = function(options) return options.text end,
  perform = perform,
  unasked = true,
}

return notify
