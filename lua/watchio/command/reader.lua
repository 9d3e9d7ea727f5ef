-- SPDX-License-Identifier: MIT
-- Reads the output of a command and hands it on line by line, no faster than a report can be
-- written. Meanwhile the pipe is full, and a command that floods it waits.
local uv = require "luv"
local format = require "watchio.base.format"
local lines = require "watchio.base.lines"

local AT_ONCE = 100 -- lines, then a pause
local PAUSE_MS = 20
local MOST_AFTER = 5000 -- lines that are reported of a command that has ended
local PIPE = 65536 -- bytes that a pipe holds

---@class watchio.Reader
---@field private pipe userdata
---@field private lines watchio.Lines
---@field private timer userdata
---@field private on_line fun(line: string)
---@field private left? integer lines that may still be reported, once the command has ended
---@field private on_end? fun()
local Reader = {}
Reader.__index = Reader

local reader = {}

local function skipped(count) return ("(%s left out)"):format(format.count(count, "more line")) end

local function end_it(self)
  local on_end = self.on_end
  self:close()
  on_end()
end

-- Reports as many lines as may be reported at once, and comes back for more.
local function tell(self)
  for _ = 1, AT_ONCE do
    local line = self.lines and self.lines:next()
    if not line then return self.on_end and end_it(self) end
    self.on_line(line)
    if self.left then self.left = self.left - 1 end
    if self.left == 0 then
      local more = self.lines:count()
      if more > 0 then self.on_line(skipped(more)) end
      return end_it(self)
    end
  end
  self.pipe:read_stop()
  self.timer:start(PAUSE_MS, 0, function()
    if not self.on_end then self:read() end
    tell(self)
  end)
end

---@private
function Reader:read()
  self.pipe:read_start(function(_, text)
    if not text then return end -- its end, or an error: reported when the command has ended
    self.lines:add(text)
    tell(self)
  end)
end

--- Reads from a descriptor, which from now on belongs to the reader.
---@param fd integer the end of a pipe to read from
---@param on_line fun(line: string)
---@return watchio.Reader
function reader.new(fd, on_line)
  local pipe = uv.new_pipe()
  pipe:open(fd)
  local self = setmetatable({
    pipe = pipe,
    fd = fd,
    lines = lines.new(),
    timer = uv.new_timer(),
    on_line = on_line,
  }, Reader)
  self:read()
  return self
end

--- The command has ended: reports the rest of its output, then calls `on_end`. Nothing more is read
--- from processes that still hold the pipe.
---@param on_end fun()
function Reader:finish(on_end)
  self.pipe:read_stop()
  self.timer:stop()
  for _ = 1, 2 do
    local text = uv.fs_read(self.fd, PIPE)
    if text then self.lines:add(text) end
  end
  self.lines:finish()
  self.left, self.on_end = MOST_AFTER, on_end
  tell(self)
end

--- Ends the reader at once; harmless twice.
function Reader:close()
  if not self.lines then return end
  self.lines, self.on_end = nil, nil
  self.pipe:close()
  self.timer:close()
end

return reader
