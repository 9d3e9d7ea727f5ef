-- Writing to a stream that may break: a closed pipe or a full disk mutes the output, never the
-- rules.

local writer = {}

--- Makes a function that writes and flushes text. The first failure is told to `complain`;
--- after it nothing is written.
---@param stream file*
---@param name string e.g. "standard output"
---@param complain? fun(message: string)
---@return fun(text: string)
function writer.new(stream, name, complain)
  local muted = false
  return function(text)
    if muted then return end
    local ok, message = stream:write(text)
    if ok then ok, message = stream:flush() end
    if ok then return end
    muted = true
    if complain then
      complain(("watchio: cannot write to %s (%s): it is muted, all else goes on\n")
        :format(name, message))
    end
  end
end

return writer
