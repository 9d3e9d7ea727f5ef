-- SPDX-License-Identifier: MIT
-- Checks how a command is to be started, for run, for notify and for the key spawn of a watch.
local uv = require "luv"
local format = require "watchio.base.format"
local native = require "watchio.native"
local shape = require "watchio.check.shape"
local users = require "watchio.base.users"
local values = require "watchio.check.values"

local launch_options = {}

local function unknown_user(user)
  local _, message = users.uid(user)
  return nil, message or ("no user has the uid %s"):format(user)
end

-- The user that a command runs as. The system is asked once, while the policy loads.
local function check_user(value)
  if math.type(value) ~= "integer" and type(value) ~= "string" then
    return unknown_user(value)
  end
  local user, message, code = native.user(tostring(value))
  if not user then
    if code == "ENOENT" then return unknown_user(value) end
    return nil, ("cannot look up user %s (%s)"):format(values.show(value), message)
  end
  if user.uid == uv.getuid() or native.may_change_user() then return user end
  return nil, ("not permitted to become %s (want root)"):format(values.show(user.name))
end

local PLACES = { terminal = true, log = true, null = true }

local function check_output(value)
  if type(value) == "string" and (PLACES[value] or value:find("^/[^%z]*[^/%z]$")) then
    return value
  end
  return nil,
    ('bad value %s (want "terminal", "log", "null" or a path such as "/tmp/log")'):format(
      values.show(value)
    )
end

--- The keys that say how a command is started.
launch_options.keys = {
  cwd = values.text,
  env = values.environment,
  user = check_user,
  output = check_output,
}

local launch_shape = { keys = launch_options.keys, list = values.argv }

--- Checks the command of a `spawn`.
---@param value any
---@return watchio.Launch?
---@return string? message
function launch_options.check(value)
  if type(value) ~= "table" or #value == 0 then return values.argv(value) end
  local checked, message = shape.check(launch_shape, value)
  return checked and launch_options.of(checked), message
end

---@class watchio.Launch how a command is started; data
---@field argv string[]
---@field text string for people
---@field cwd? string
---@field env table<string, string>
---@field user? watchio.native.User
---@field output string
---@field stdin? "json"

--- Makes the launch options of checked values; `list` is the command.
---@param checked table
---@return watchio.Launch
function launch_options.of(checked)
  return {
    argv = checked.list,
    text = checked.text or format.command(checked.list),
    cwd = checked.cwd,
    env = checked.env or {},
    user = checked.user,
    output = checked.output or "terminal",
    stdin = checked.stdin,
  }
end

return launch_options
