-- SPDX-License-Identifier: MIT
-- luv as a policy gets it: what a version of the policy opens is closed when that version ends.
local uv = require "luv"
local kept = require "watchio.base.kept"

local handles = {}

local MAKERS = {
  "new_async",
  "new_check",
  "new_fs_event",
  "new_fs_poll",
  "new_idle",
  "new_pipe",
  "new_poll",
  "new_prepare",
  "new_signal",
  "new_socket_poll",
  "new_tcp",
  "new_timer",
  "new_tty",
  "new_udp",
  "spawn",
}

--- The handles that one version of a policy has opened; some may be closed by now.
---@param edition watchio.Edition
---@return table<userdata, boolean>
handles.of = kept(function()
  return setmetatable({}, { __mode = "k" }) -- luv itself holds those that are open
end)

local function keep(opened, handle, ...)
  if handle then opened[handle] = true end
  return handle, ...
end

--- A copy of luv that keeps what it opens.
---@param opened table<userdata, boolean>
---@return table
function handles.library(opened)
  local library = {}
  for name, value in pairs(uv) do
    library[name] = value
  end
  for _, name in ipairs(MAKERS) do
    local make = uv[name]
    library[name] = make and function(...) return keep(opened, make(...)) end
  end
  return library
end

--- Closes what is still open.
---@param edition watchio.Edition
function handles.close(edition)
  local opened = handles.of(edition)
  for handle in pairs(opened) do
    -- luv has let go of one that was closed a while ago, and raises.
    local ok, closing = pcall(uv.is_closing, handle)
    if ok and not closing then handle:close() end
    opened[handle] = nil
  end
end

return handles
