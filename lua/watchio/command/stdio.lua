-- SPDX-License-Identifier: MIT
-- The standard files of a command: its descriptors 0, 1 and 2.
local uv = require "luv"
local reader = require "watchio.command.reader"
local native = require "watchio.native"

local O = uv.constants
local APPEND = O.O_WRONLY | O.O_APPEND | O.O_CREAT | O.O_NOCTTY | O.O_NONBLOCK -- a fifo may block
local OWNER_ONLY = tonumber("600", 8)

---@class watchio.Stdio
---@field fds table<integer, integer?> 1, 2, 3: what becomes 0, 1 and 2; none is the null device
---@field private own integer[] to be closed once the command has them
---@field private reading? integer the end of the pipe that it writes to
local Stdio = {}
Stdio.__index = Stdio

local stdio = {}

-- A pipe for output. A command that becomes another user may open it anew, as /dev/stdout, so that
-- user owns it.
local function open_pipe(self, options)
  local pipe, message, code = uv.pipe({ nonblock = true }, {})
  if not pipe then return nil, message, code end
  local user = options.user
  if user then uv.fs_fchown(pipe.write, user.uid, user.gid) end
  self.own[#self.own + 1], self.reading = pipe.write, pipe.read
  return pipe.write, pipe.write
end

-- The file for the output of another user's command is opened as that user. So a link in that
-- user's folder leads no further than the user could go.
local function open_as(user, path)
  if user then return native.open_as(user, path, APPEND, OWNER_ONLY) end
  local fd, message, code = uv.fs_open(path, APPEND, OWNER_ONLY)
  return fd, message and message:match("^%u+: ([^:]*)"), code
end

local function open_file(self, path, user)
  local fd, message, code = open_as(user, path)
  if not fd then
    return nil, ("cannot write to '%s': %s"):format(path, message:lower()), code
  end
  self.own[#self.own + 1] = fd
  return fd, fd
end

-- The two descriptors for the output of a command.
local function open_output(self, options)
  local output = options.output
  if output == "terminal" then return options.terminal, 2 end
  if output == "null" then return false, false end
  if output == "log" then return open_pipe(self, options) end
  return open_file(self, output, options.user)
end

local function open_input(self, options)
  if not options.input then return false end
  local fd, message, code = native.input(options.input)
  self.own[#self.own + 1] = fd
  return fd, message, code
end

--- Opens the standard files of a command.
---@param options watchio.GroupOptions
---@return watchio.Stdio?
---@return string? message
---@return string? code
function stdio.open(options)
  local self = setmetatable({ own = {} }, Stdio)
  local input, message, code = open_input(self, options)
  if input == nil then return nil, message, code end
  local output, errors
  output, errors, code = open_output(self, options)
  if output == nil then
    self:close()
    return nil, errors, code
  end
  self.fds = { input or nil, output or nil, errors or nil }
  return self
end

--- The command has started and has descriptors of its own: closes those that it got.
---@param on_line? fun(line: string) gets what it writes, with the output "log"
---@return watchio.Reader?
function Stdio:hand_over(on_line)
  local heard = self.reading and reader.new(self.reading, on_line)
  self.reading = nil
  self:close()
  return heard
end

--- Closes all that is still open here.
function Stdio:close()
  for _, fd in ipairs(self.own) do
    uv.fs_close(fd)
  end
  if self.reading then uv.fs_close(self.reading) end
  self.own, self.reading = {}, nil
end

return stdio
