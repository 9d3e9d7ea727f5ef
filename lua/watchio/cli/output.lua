-- SPDX-License-Identifier: MIT
-- The answer of a command on standard output. If it cannot be written, the command has failed.
local uv = require "luv"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local native = require "watchio.native"
local report = require "watchio.show.report"
local writer = require "watchio.base.writer"

local output = {}

local EPIPE = 32

local fault -- of the first write that failed

--- Writes text.
---@param text string
---@return boolean written false: nothing more can be
function output.write(text)
  if fault then return false end
  local ok, message, code = io.stdout:write(text)
  if ok then
    ok, message, code = io.stdout:flush()
  end
  if not ok then fault = { message = message, code = code } end
  return fault == nil
end

--- Writes a record as one JSON object.
---@param record table
---@return boolean written
function output.record(record)
  return output.write(report.json(record, uv.gettimeofday()) .. "\n")
end

--- Makes the writer for a policy's `print`. On a terminal its lines cannot move the cursor,
--- whatever names they contain.
---@param stream file*
---@return fun(text: string)
function output.printer(stream)
  local write = writer.new(stream, "the output of print")
  if uv.guess_handle(native.descriptor(stream)) ~= "tty" then return write end
  return function(text) write(format.printed(text)) end
end

--- The exit status once all is written: that of the command, or 1 with a message. It is 141 without
--- a message if nobody reads the output any more.
---@param status integer
---@param message? string
---@return integer status
---@return string? message
function output.close(status, message)
  local failed = fault
  fault = nil
  if not failed then return status, message end
  if failed.code == EPIPE then return exit_status.NO_READER end
  return exit_status.FAILED,
    ("watchio: cannot write to standard output (%s)"):format(failed.message)
end

return output
