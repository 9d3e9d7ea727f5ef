-- SPDX-License-Identifier: MIT
-- A command as a session of its own, through luv. Specs put a fake in its place.
local native = require "watchio.native"
local stdio = require "watchio.command.stdio"
local uv = require "luv"

---@class watchio.Group
---@field pid integer of the leader, and of the session
---@field private handle userdata?
---@field private reader? watchio.Reader
local Group = {}
Group.__index = Group

local group = {}

---@class watchio.GroupOptions
---@field argv string[]
---@field env string[] "NAME=value"
---@field cwd? string
---@field user? watchio.native.User whom to become
---@field input? string its standard input; default: empty
---@field output string "terminal", "log", "null" or a path: where it writes, errors too
---@field terminal integer the descriptor that "terminal" means; errors go where ours go
---@field on_line? fun(line: string) with "log": takes what it writes

local function spawn(self, options, fds, on_exit)
  local user = options.user
  return native.launch(user, uv.spawn, options.argv[1], {
    args = table.move(options.argv, 2, #options.argv, 1, {}),
    env = options.env,
    cwd = options.cwd,
    uid = user and user.uid,
    gid = user and user.gid,
    stdio = fds,
    detached = true,
  }, function(status, signal)
    self:close_handle()
    on_exit(status, signal)
  end)
end

--- Starts a command.
---@param monitor watchio.native.Monitor that tells who lives
---@param options watchio.GroupOptions
---@param on_exit fun(status: integer, signal: integer) the leader has ended and is reaped
---@return watchio.Group?
---@return string? message
---@return string? code
function group.start(monitor, options, on_exit)
  local self = setmetatable({ monitor = monitor }, Group)
  local streams, message, code = stdio.open(options)
  if not streams then return nil, message, code end
  local handle, pid
  handle, pid, code = spawn(self, options, streams.fds, on_exit)
  if not handle then
    streams:close()
    return nil, pid, code
  end
  self.handle, self.pid = handle, pid
  self.reader = streams:hand_over(options.on_line)
  return self
end

--- Signals every member. The signal reaches no other process: the kernel does not reuse a pid while
--- its process is not reaped or its session has a member.
---@param number integer
---@return boolean sent
function Group:signal(number) return self.monitor:signal_launched(self.pid, number) ~= nil end

--- Whether a member still lives. Zombies have ended; in a container where nobody reaps, they stay.
---@return boolean
function Group:alive() return self.monitor:launched_live(self.pid) end

---@private
function Group:close_handle()
  if self.handle and not self.handle:is_closing() then self.handle:close() end
  self.handle = nil
end

--- Nothing is left of the command: calls `on_end` once all its output was reported.
---@param on_end fun()
function Group:release(on_end)
  self:close_handle()
  if not self.reader then return on_end() end
  self.reader:finish(on_end)
end

return group
