-- SPDX-License-Identifier: MIT
-- The environment of a command.
local uv = require "luv"

local environment = {}

local MOST_PIDS = 10000 -- the kernel takes 128 KiB a variable

-- As after a login: nothing of watchio's own environment but the terminal's type.
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

-- What happened; only here and in its standard input does a command meet a process's name.
local function add_event(values, about, event)
  local pids = about and about.pids or {}
  values.WATCHIO_EVENT = event and event.type or ""
  values.WATCHIO_WATCH = about and about.label or ""
  values.WATCHIO_PID = about and about.pid and tostring(about.pid) or ""
  values.WATCHIO_PIDS = table.concat(pids, " ", 1, math.min(#pids, MOST_PIDS))
  values.WATCHIO_NAME = about and about.name or ""
end

--- What watchio inherited (another user: what a login would give him), what the policy adds, and
--- what happened.
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
