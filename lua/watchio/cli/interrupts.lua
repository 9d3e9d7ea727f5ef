-- Signals that the program takes while its loop runs.
local uv = require "luv"

--- Takes signals until the returned function is called. The loop is not kept alive for them.
---@param takers table<string, fun()> "sigterm" → what to do
---@return fun() release
local function take(takers)
  local handles = {}
  for name, act in pairs(takers) do
    local handle = uv.new_signal()
    handle:start(name, act)
    handle:unref()
    handles[#handles + 1] = handle
  end
  return function()
    for _, handle in ipairs(handles) do handle:close() end
    handles = {}
  end
end

return take
