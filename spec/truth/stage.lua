-- SPDX-License-Identifier: MIT
-- The stage of scripts/truth: starts servers and jobs, talks to them as their clients do, and
-- leaves nothing behind. What waits yields: call it in a coroutine on luv's loop.
local uv = require "luv"

local stage = {}

---@class truth.Stage one workload: its processes, its folder, its connections
---@field folder string a directory of its own
---@field subjects { name: string, pid: integer }[] whose activity is judged
---@field finish? function undoes what its start did outside of the folder
---@field nobody? string a user without privileges, when this is root
local Stage = {}
Stage.__index = Stage

local MARK = ("WATCHIO_TRUTH=%d.%d"):format(uv.os_getpid(), uv.hrtime())
local is_root = uv.getuid() == 0
local NOBODY, NOGROUP = 65534, 65534 -- "nobody" and its group, on every distribution

stage.is_root = is_root

-- ---- waiting

---Yields for so many milliseconds.
---@param ms integer
function stage.sleep(ms)
  local waiting = coroutine.running()
  local timer = uv.new_timer()
  timer:start(ms, 0, function()
    timer:close()
    assert(coroutine.resume(waiting))
  end)
  coroutine.yield()
end

---Yields until `probe()` holds, and returns what it returned; raises after so many seconds.
---@param what string
---@param probe function
---@param seconds? number default 30
function stage.await(what, probe, seconds)
  local deadline = uv.hrtime() + (seconds or 30) * 1e9
  while true do
    local result = probe()
    if result then return result end
    if uv.hrtime() > deadline then error("waited in vain for " .. what, 0) end
    stage.sleep(5)
  end
end

-- ---- programs

local places = {}
for place in (os.getenv("PATH") or ""):gmatch("[^:]+") do
  places[#places + 1] = place
end
local postgresql = uv.fs_scandir("/usr/lib/postgresql") -- a folder a version, where there is any
for version in function() return postgresql and uv.fs_scandir_next(postgresql) end do
  table.insert(places, 1, "/usr/lib/postgresql/" .. version .. "/bin")
end
table.insert(places, 1, "/usr/bin") -- before wrappers of other places

---The path of a program, or nil when it is not installed.
---@param name string
---@return string?
function stage.find(name)
  for _, place in ipairs(places) do
    local path = place .. "/" .. name
    if uv.fs_access(path, "X") then return path end
  end
end

local function environment(extra)
  local list = { MARK, "LC_ALL=C", "TERM=xterm" }
  for _, name in ipairs { "PATH", "HOME", "USER", "SHELL", "TMPDIR" } do
    local value = os.getenv(name)
    if value then list[#list + 1] = name .. "=" .. value end
  end
  return table.move(extra or {}, 1, #(extra or {}), #list + 1, list)
end

---Starts a command in a session of its own, its output in a file of the folder. Keys beside the
---command: `nobody` (without privileges), `talks` (its input and output are pipes: `process.stdin`,
---`process.out`), `stop` (the signal that ends it), `cwd`, `env`.
---@return table process pid, status once it has ended
function Stage:run(options)
  local process = { name = options[1], out = "", stop = options.stop or "sigterm" }
  local log = assert(uv.fs_open(self.folder .. "/log", "a", tonumber("666", 8)))
  local stdio = { nil, log, log }
  if options.talks then
    process.stdin, process.stdout = uv.new_pipe(), uv.new_pipe()
    stdio = { process.stdin, process.stdout, log }
  end
  local as_nobody = options.nobody and is_root
  process.handle, process.pid = uv.spawn(assert(stage.find(options[1]) or options[1]), {
    args = table.move(options, 2, #options, 1, {}),
    stdio = stdio,
    detached = true,
    env = environment(options.env),
    cwd = options.cwd or self.folder,
    uid = as_nobody and NOBODY or nil,
    gid = as_nobody and NOGROUP or nil,
  }, function(status, signal)
    process.status = signal == 0 and status or 128 + signal
    process.handle:close()
  end)
  uv.fs_close(log)
  assert(process.handle, process.pid)
  self.processes[#self.processes + 1] = process
  if process.stdout then
    process.stdout:read_start(function(_, chunk) process.out = process.out .. (chunk or "") end)
  end
  return process
end

---Runs a command to its end and returns what it wrote; raises when it fails.
---@return string output
function Stage:exec(options)
  options.talks = true
  local process = self:run(options)
  process.stdin:close()
  stage.await("the end of " .. process.name, function() return process.status end, 60)
  if process.status ~= 0 then error(process.name .. " ended with " .. process.status, 0) end
  stage.sleep(0)
  process.stdout:close()
  return process.out
end

---Runs a command and judges it: under the workload's name, or as a part of it.
---@param part? string
function Stage:judge(options, part)
  local process = self:run(options)
  self:judge_pid(process.pid, part)
  return process
end

---@param pid integer
---@param part? string
function Stage:judge_pid(pid, part)
  self.subjects[#self.subjects + 1] = { name = part or self.name, pid = pid }
end

-- ---- files

---Writes a file of the folder, everybody's to read; FOLDER and PORT in the text are replaced.
---@return string path
function Stage:file(name, text)
  local path = self.folder .. "/" .. name
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write((text:gsub("FOLDER", self.folder):gsub("PORT", self.port))))
  return path
end

---A new directory of the folder, which belongs to nobody when this is root.
---@return string path
function Stage:directory(name)
  local path = self.folder .. "/" .. name
  assert(uv.fs_mkdir(path, tonumber("700", 8)))
  if is_root then assert(uv.fs_chown(path, NOBODY, NOGROUP)) end
  return path
end

-- ---- clients

local Connection = {}
Connection.__index = Connection

local function connect(address)
  local self = setmetatable({ input = "" }, Connection)
  local function connected(err) self.answer = err or "connected" end
  if type(address) == "string" then
    self.handle = uv.new_pipe()
    self.handle:connect(address, connected)
  else
    self.handle = uv.new_tcp()
    self.handle:connect("127.0.0.1", address, connected)
  end
  stage.await("a connection", function() return self.answer end)
  if self.answer ~= "connected" then
    self.handle:close()
    return nil, self.answer
  end
  self.handle:read_start(function(err, chunk)
    self.input = self.input .. (chunk or "")
    self.ended = self.ended or err or not chunk
  end)
  return self
end

---Writes, and waits for an answer that holds the pattern.
function Connection:ask(text, pattern)
  self.input = ""
  self.handle:write(text)
  return stage.await("an answer to " .. text, function()
    if self.ended and not self.input:find(pattern) then error("the server hung up", 0) end
    return self.input:find(pattern)
  end)
end

function Connection:close()
  if not self.handle:is_closing() then self.handle:close() end
end

---Waits until somebody listens at the port, or at the path of a socket.
---@param address? integer|string default the workload's port
function Stage:listening(address)
  stage.await("somebody at " .. (address or self.port), function()
    for _, process in ipairs(self.processes) do
      if process.status and process.status ~= 0 then
        error(("%s ended with %d"):format(process.name, process.status), 0)
      end
    end
    local connection = connect(address or self.port)
    if connection then connection:close() end
    return connection
  end)
end

---A connection that stays until the workload ends.
function Stage:connect(address)
  local connection = assert(connect(address or self.port))
  self.connections[#self.connections + 1] = connection
  return connection
end

---Asks over a connection of its own.
function Stage:ask(text, pattern, address)
  local connection = assert(connect(address or self.port))
  local ok, err = pcall(connection.ask, connection, text, pattern)
  connection:close()
  if not ok then error(err, 0) end
end

---Asks for a page over a connection of its own.
function Stage:get(address)
  self:ask("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", "^HTTP/1%.%d 200", address)
end

---Sends a datagram to the workload's port, and again until it is answered.
function Stage:tell(text)
  local udp, answered, tries = uv.new_udp(), nil, 0
  udp:recv_start(function(_, chunk) answered = answered or chunk end)
  stage.await("an answer to a datagram", function()
    if tries % 100 == 0 then udp:try_send(text, "127.0.0.1", self.port) end
    tries = tries + 1
    return answered
  end)
  udp:close()
end

-- ---- entering and leaving

local function free_port()
  local tcp = uv.new_tcp()
  assert(tcp:bind("127.0.0.1", 0))
  local port = tcp:getsockname().port
  tcp:close()
  return port
end

local home -- the folder of all folders
local entered = {}

---An empty stage for a workload of this name.
---@param name string
---@return truth.Stage
function stage.enter(name)
  if not home then
    home = assert(uv.fs_mkdtemp("/tmp/watchio-truth-XXXXXX"))
    assert(uv.fs_chmod(home, tonumber("755", 8)))
  end
  local self = setmetatable({
    name = name,
    folder = ("%s/%d"):format(home, #entered + 1),
    port = free_port(),
    processes = {},
    subjects = {},
    connections = {},
    nobody = is_root and "nobody" or nil,
  }, Stage)
  assert(uv.fs_mkdir(self.folder, tonumber("755", 8)))
  entered[#entered + 1] = self
  return self
end

local function carriers()
  local found = {}
  for name in uv.fs_scandir_next, (uv.fs_scandir("/proc")) do
    local file <close> = name:find("^%d+$") and io.open("/proc/" .. name .. "/environ", "rb")
      or nil
    local environ = file and file:read("a")
    if environ and environ:find(MARK, 1, true) then found[#found + 1] = tonumber(name) end
  end
  return found
end

local function each_process(act)
  for _, self in ipairs(entered) do
    for i = #self.processes, 1, -1 do
      if not self.processes[i].status then act(self.processes[i]) end
    end
  end
end

local function all_ended()
  local left = 0
  each_process(function() left = left + 1 end)
  return left == 0
end

---Ends everything that was started, and removes its files. Yields.
function stage.leave()
  for _, self in ipairs(entered) do
    for _, connection in ipairs(self.connections) do
      connection:close()
    end
  end
  each_process(function(process) process.handle:kill(process.stop) end)
  pcall(stage.await, "the end of all", all_ended, 8)
  each_process(function(process) uv.kill(-process.pid, "sigkill") end)
  for _, pid in ipairs(carriers()) do
    uv.kill(pid, "sigkill")
  end
  pcall(stage.await, "the end of all", all_ended, 5)
  for _, self in ipairs(entered) do
    if self.finish then self.finish() end
  end
  if home then os.execute("rm -rf '" .. home .. "'") end
  home, entered = nil, {}
end

stage.Stage = Stage

return stage
