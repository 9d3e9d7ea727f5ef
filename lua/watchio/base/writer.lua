-- SPDX-License-Identifier: MIT
-- Writes to a stream that may break, be full, or have no reader. Then the stream is muted, loses
-- lines or queues them, but it never stops the watches.
local uv = require "luv"
local format = require "watchio.base.format"
local native = require "watchio.native"
local units = require "watchio.base.units"

local writer = {}

local QUEUE_BYTES = 1 << 20 -- what waits for a reader; more is dropped
local RETRY_MS = 20
local O = uv.constants
local UNSHARED = O.O_WRONLY | O.O_NONBLOCK | O.O_NOCTTY

---@class watchio.Writer
---@field stream file*
---@field name string
---@field complain? fun(text: string)
---@field muted boolean
---@field queue string[] what could not be written yet
---@field bytes integer in the queue
---@field dropped integer texts
---@field lost? { lines: integer, bytes: integer } what a full disk did not take
---@field torn? boolean the last that it took is no whole line
---@field timer? userdata while something is queued
local Writer = {}
Writer.__index = Writer

local waiting = {} -- writers with something in their queue

-- A file takes all or fails; a pipe, a terminal or a socket can make the writer wait.
local function may_block(fd) return uv.guess_handle(fd) ~= "file" end

local function mute(self, message)
  self.muted, self.queue, self.bytes, self.dropped = true, {}, 0, 0
  if self.complain then
    self.complain(
      ("watchio: cannot write to %s (%s): it is muted, all else goes on\n"):format(
        self.name,
        message
      )
    )
  end
end

-- A full disk may have room again. After any other error the stream stays broken.
local IS_FULL = { ENOSPC = true, EDQUOT = true }

-- How much of the text was written, and why not the rest.
local function write_all(fd, text)
  local taken = 0
  while taken < #text do
    local written, message, code = native.write_now(fd, text:sub(taken + 1))
    if not written then return taken, message, code end
    taken = taken + written
  end
  return taken
end

local function lose(self, text, message)
  local lost = self.lost
  if not lost then
    lost = { lines = 0, bytes = 0 }
    self.lost = lost
    if self.complain then
      self.complain(
        (
          "watchio: cannot write to %s (%s): until there is room its lines are lost, "
          .. "all else goes on\n"
        ):format(self.name, message)
      )
    end
  end
  lost.lines = lost.lines + select(2, text:gsub("\n", ""))
  lost.bytes = lost.bytes + #text
end

-- Writes to a file. Returns the rest that was not written (nil if all was), and why.
local function offer(self, text)
  local taken, message, code = write_all(native.descriptor(self.stream), text)
  if taken > 0 then self.torn = text:sub(taken, taken) ~= "\n" end
  if taken < #text then return text:sub(taken + 1), message, code end
end

local function note_of(self)
  local lost = self.lost
  return ("watchio: %s had no room for a while: %s of it (%s) are lost\n"):format(
    self.name,
    format.count(lost.lines, "line"),
    format.bytes(lost.bytes)
  )
end

-- Writes to a file. A rest that cannot be written is lost. The file is then muted, unless the disk
-- is only full; once there is room again, a line tells how much was lost.
local function write_to_file(self, text)
  self.stream:flush() -- what was written past this writer comes first
  local note = self.lost and note_of(self)
  local mark = note and ((self.torn and "\n" or "") .. (self.complain and "" or note)) or ""
  local left, message, code = offer(self, mark .. text)
  if not left then
    self.lost = nil
    if note and self.complain then self.complain(note) end
  elseif IS_FULL[code] then
    lose(self, #left > #text and text or left, message)
  else
    mute(self, message)
  end
end

-- Writes as much as the stream takes now. Returns false if the stream broke.
local function write_queue(self, fd)
  if self.bytes > 0 then
    local text = table.concat(self.queue)
    local written, message = native.write_now(fd, text)
    if not written then return false, message end
    self.bytes = #text - written
    self.queue = self.bytes > 0 and { text:sub(written + 1) } or {}
  end
  return true
end

local function tell_dropped(self)
  local count = self.dropped
  self.dropped = 0
  local tell = self.complain or function(text) self:write(text) end
  tell(
    ("watchio: nobody read %s for a while: %s of it are lost\n"):format(
      self.name,
      format.count(count, "line")
    )
  )
end

-- A pipe or a terminal that is opened anew has flags of its own. So nothing changes for others that
-- share the descriptor, and nobody can block us by filling the pipe between the question and the
-- write.
local function flush(self)
  local fd = native.descriptor(self.stream)
  local own = uv.fs_open("/dev/fd/" .. fd, UNSHARED, 0)
  local ok, message = write_queue(self, own or fd)
  if own then uv.fs_close(own) end
  if not ok then return mute(self, message) end
  if self.bytes == 0 and self.dropped > 0 then tell_dropped(self) end
end

local function stop_waiting(self)
  if self.timer then self.timer:close() end
  self.timer, waiting[self] = nil, nil
end

-- The timer does not keep the loop alive: at the end `writer.finish` writes the rest.
local function wait(self)
  if self.timer then return end
  self.timer = uv.new_timer()
  waiting[self] = true
  self.timer:start(RETRY_MS, RETRY_MS, function()
    flush(self)
    if self.bytes == 0 then stop_waiting(self) end
  end)
  self.timer:unref()
end

--- Writes, now or as soon as somebody reads.
---@param text string
function Writer:write(text)
  if self.muted then return end
  if not may_block(native.descriptor(self.stream)) then return write_to_file(self, text) end
  if self.bytes + #text > QUEUE_BYTES then
    self.dropped = self.dropped + 1
    return
  end
  self.queue[#self.queue + 1] = text
  self.bytes = self.bytes + #text
  if self.timer then return end -- in their order
  self.stream:flush() -- what was written past this writer comes first
  flush(self)
  if self.bytes > 0 then wait(self) end
end

--- Makes a function that writes text. `complain` is called with the first failure. After it nothing
--- is written, unless the disk was full: once there is room again, a line tells how much was lost.
--- If nobody reads, text is queued up to a bound; a line tells how much was dropped once somebody
--- reads again.
---@param stream file*
---@param name string e.g. "standard output"
---@param complain? fun(message: string)
---@return fun(text: string)
function writer.new(stream, name, complain)
  local self = setmetatable({
    stream = stream,
    name = name,
    complain = complain,
    muted = false,
    queue = {},
    bytes = 0,
    dropped = 0,
  }, Writer)
  return function(text) self:write(text) end
end

--- Writes the queued text, as far as somebody reads it within half a second.
function writer.finish()
  local deadline = uv.hrtime() + units.SECOND // 2
  while next(waiting) do
    local left = {}
    for self in pairs(waiting) do
      left[#left + 1] = self
    end
    for _, self in ipairs(left) do
      flush(self)
      if self.bytes == 0 or uv.hrtime() > deadline then stop_waiting(self) end
    end
    if next(waiting) then uv.sleep(5) end
  end
end

return writer
