-- SPDX-License-Identifier: MIT
-- The luv of a policy: handles that a version of the policy opens are closed when that version
-- ends.
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

--- A copy of luv that remembers the handles it opens.
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

--- Closes the handles that are still open.
---@param edition watchio.Edition
function handles.close(edition)
  local opened = handles.of(edition)
  for handle in pairs(opened) do
    -- luv raises an error for a handle that was closed a while ago.
    local ok, closing = pcall(uv.is_closing, handle)
    if ok and not closing then handle:close() end
    opened[handle] = nil
  end
end

return handles
