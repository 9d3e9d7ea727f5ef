-- SPDX-License-Identifier: MIT
-- The environment of a command.
local uv = require "luv"

local environment = {}

local MOST_PIDS = 10000 -- the kernel takes 128 KiB a variable

-- The environment of a login: from watchio's own environment only the type of the terminal.
local function of_user(user)
  local is_root = user.uid == 0
  return {
    HOME = user.home,
    SHELL = user.shell ~= "" and user.shell or "/bin/sh",
    USER = user.name,
    LOGNAME = user.name,
    TERM = os.getenv("TERM"),
    PATH = (is_root and "/usr/local/sbin:" or "")
      .. "/usr/local/bin:"
      .. (is_root and "/usr/sbin:/usr/bin:/sbin:/bin" or "/usr/bin:/bin"),
  }
end

-- The variables about the event. Only here and in its standard input a command gets the name of a
-- process.
local function add_event(values, about, event)
  local pids = about and about.pids or {}
  values.WATCHIO_EVENT = event and event.type or ""
  values.WATCHIO_WATCH = about and about.label or ""
  values.WATCHIO_PID = about and about.pid and tostring(about.pid) or ""
  values.WATCHIO_PIDS = table.concat(pids, " ", 1, math.min(#pids, MOST_PIDS))
  values.WATCHIO_NAME = about and about.name or ""
end

--- The environment of a command: watchio's own (or for another user, that of a login), the
--- additions of the policy, and the variables about the event.
---@param user? watchio.native.User
---@param extra table<string, string>
---@param about? watchio.Target|watchio.Watch
---@param event? watchio.Event
---@return string[] "NAME=value"
function environment.of(user, extra, about, event)
  local values = user and of_user(user) or uv.os_environ()
  for name, value in pairs(extra) do
    values[name] = value
  end
  add_event(values, about, event)
  local list = {}
  for name, value in pairs(values) do
    list[#list + 1] = name .. "=" .. value
  end
  return list
end

return environment
