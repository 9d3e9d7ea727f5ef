-- What a command answers on standard output. That it could not be written is a failure of the
-- command.

local output = {}

local FAILED = 1

local fault -- of the first write that failed

--- Writes text.
---@param text string
function output.write(text)
  local ok, message = io.stdout:write(text)
  if ok then ok, message = io.stdout:flush() end
  if not ok then fault = fault or message end
end

--- The exit status once all is written: that of the command, or 1 with a message.
---@param status integer
---@param message? string
---@return integer status
---@return string? message
function output.close(status, message)
  local failed = fault
  fault = nil
  if not failed then return status, message end
  return FAILED, ("watchio: cannot write to standard output (%s)"):format(failed)
end

return output
