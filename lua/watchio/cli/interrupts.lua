-- SPDX-License-Identifier: MIT
-- Handles signals to watchio while its loop runs.
local uv = require "luv"

local interrupts = {}

--- Makes a handler that ends a session: it lets commands and kills under way finish. The second
--- signal hurries them.
---@param session watchio.Session
---@param status integer
---@return fun()
function interrupts.ender(session, status)
  return function()
    if session.finishing then return session:hurry() end
    session:quit(status)
  end
end

--- Takes signals until the returned function is called. The loop is not kept alive for them.
---@param takers table<string, fun()> "sigterm" → what to do
---@return fun() release
function interrupts.take(takers)
  local handles = {}
  for name, act in pairs(takers) do
    local handle = uv.new_signal()
    handle:start(name, act)
    handle:unref()
    handles[#handles + 1] = handle
  end
  return function()
    for _, handle in ipairs(handles) do
      handle:close()
    end
    handles = {}
  end
end

return interrupts
