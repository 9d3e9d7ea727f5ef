-- SPDX-License-Identifier: MIT
-- The processes of the bench: they are started here, their CPU time is read from outside, and none
-- is left behind. What waits yields, so that a ^C is heard at once: call it in a coroutine on luv's
-- loop.
local uv = require "luv"

local process = {}

local running = {} -- pid → process

-- A held descriptor for each of 10 000 processes needs more than the usual limit.
local RAISE_LIMIT = 'ulimit -n 65536 2>/dev/null; exec "$@"'

---Waits without blocking the loop.
---@param ms integer
function process.sleep(ms)
  local waiting = coroutine.running()
  local timer = uv.new_timer()
  timer:start(ms, 0, function()
    timer:close()
    assert(coroutine.resume(waiting))
  end)
  coroutine.yield()
end

---Starts a command. Its standard input stays open until it is stopped; its output is gathered in
---`output`; `status` is set once it has ended and all its output is there.
---@param argv string[]
---@return { command: string, pid: integer, output: string, status: integer? }
function process.start(argv)
  local self = { command = table.concat(argv, " "), output = "", stdin = uv.new_pipe(false) }
  local stdout = uv.new_pipe(false)
  local code
  local function settle()
    if code and stdout:is_closing() then self.status = code end
  end
  self.handle, self.pid = uv.spawn("/bin/sh", {
    args = { "-c", RAISE_LIMIT, "sh", table.unpack(argv) },
    stdio = { self.stdin, stdout, 2 },
  }, function(status, signal)
    running[self.pid] = nil
    self.handle:close()
    code = signal == 0 and status or 128 + signal
    settle()
  end)
  assert(self.handle, self.pid)
  running[self.pid] = self
  stdout:read_start(function(_, chunk)
    if chunk then
      self.output = self.output .. chunk
    else
      stdout:close()
    end
    settle()
  end)
  return self
end

---Waits until a line of its output holds the pattern for the n-th time; raises when it ends before.
function process.await(self, pattern, n)
  local seen
  repeat
    process.sleep(5)
    seen = select(2, self.output:gsub(pattern, ""))
    if self.status then error(self.command .. ": ended with status " .. self.status) end
  until seen >= n
end

---Ends it: by the end of its input where that is its way (`politely`), by TERM otherwise.
function process.stop(self, politely)
  self.stdin:close()
  if not politely and running[self.pid] then self.handle:kill("sigterm") end
  while not self.status do
    process.sleep(20)
  end
end

---Ends all that still run, without waiting.
function process.abandon()
  for _, self in pairs(running) do
    self.handle:kill("sigterm")
  end
end

---CPU time in ns that the threads of a process have used; raises when it has ended.
function process.cpu_ns(self)
  local sum = 0
  local threads = uv.fs_scandir(("/proc/%d/task"):format(self.pid))
  if not threads then error(self.command .. " has ended") end
  for thread in uv.fs_scandir_next, threads do
    local file = io.open(("/proc/%d/task/%s/schedstat"):format(self.pid, thread))
    if file then
      sum = sum + (file:read("n") or 0)
      file:close()
    end
  end
  return sum
end

return process
