-- A command as a process group of its own, through luv. Specs put a fake in its place.
local native = require "watchio.native"
local uv = require "luv"

---@class watchio.Group
---@field pid integer of the leader, and of the group
---@field private handle userdata?
local Group = {}
Group.__index = Group

local group = {}

---@class watchio.GroupOptions
---@field argv string[]
---@field env string[] "NAME=value"
---@field cwd? string
---@field output integer the descriptor that takes its standard output

--- Starts a command: standard input is empty, its errors go where ours go.
---@param monitor watchio.native.Monitor that tells who lives
---@param options watchio.GroupOptions
---@param on_exit fun(status: integer, signal: integer) the leader has ended and is reaped
---@return watchio.Group?
---@return string? message
---@return string? code
function group.start(monitor, options, on_exit)
  local self = setmetatable({ monitor = monitor }, Group)
  local handle, pid, code = native.with_inherited_limits(uv.spawn, options.argv[1], {
    args = table.move(options.argv, 2, #options.argv, 1, {}),
    env = options.env,
    cwd = options.cwd,
    stdio = { nil, options.output, 2 },
    detached = true,
  }, function(status, signal)
    self:close()
    on_exit(status, signal)
  end)
  if not handle then return nil, pid, code end
  self.handle, self.pid = handle, pid
  return self
end

--- Signals every member. The number cannot belong to others: the kernel does not give a pid anew
--- while its process is not reaped or its group has a member.
---@param number integer
---@return boolean sent
function Group:signal(number)
  return uv.kill(-self.pid, number) == 0
end

--- Whether a member is left that has not ended. The kernel takes signals for zombies too, and
--- where nobody reaps, as in many containers, they stay.
---@return boolean
function Group:alive()
  return uv.kill(-self.pid, 0) == 0 and self.monitor:group_lives(self.pid)
end

function Group:close()
  if self.handle and not self.handle:is_closing() then self.handle:close() end
  self.handle = nil
end

return group
