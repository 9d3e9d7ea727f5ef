-- SPDX-License-Identifier: MIT
-- A /proc tree in a temporary folder, for specs: processes that are only files.
local uv = require "luv"

---@class FakeProc
---@field root string
---@field private processes table<integer, table>
local FakeProc = {}
FakeProc.__index = FakeProc

local fake_proc = {}

local COUNTERS = {
  "rchar",
  "wchar",
  "syscr",
  "syscw",
  "read_bytes",
  "write_bytes",
  "cancelled_write_bytes",
}

local function write_file(path, text)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

local function remove_tree(path)
  local entries = uv.fs_scandir(path)
  local name, kind = uv.fs_scandir_next(entries)
  while name do
    local entry = path .. "/" .. name
    if kind == "directory" then
      remove_tree(entry)
    else
      assert(uv.fs_unlink(entry))
    end
    name, kind = uv.fs_scandir_next(entries)
  end
  assert(uv.fs_rmdir(path))
end

--- Makes an empty tree. The caller ends it with `remove`.
---@return FakeProc
function fake_proc.new()
  local memory = uv.fs_access("/dev/shm", "W") and "/dev/shm" or "/tmp" -- thousands of small files
  local root = assert(uv.fs_mkdtemp(memory .. "/watchio-proc-XXXXXX"))
  local self = setmetatable({ root = root, processes = {}, newest = 0 }, FakeProc)
  self:write_newest()
  self:write_sockets()
  write_file(root .. "/stat", "cpu  0 0\nbtime 1700000000\nprocesses 1\n")
  return self
end

function FakeProc:write_newest()
  write_file(self.root .. "/loadavg", ("0.00 0.00 0.00 1/9 %d\n"):format(self.newest))
end

function FakeProc:file(pid, name) return ("%s/%d/%s"):format(self.root, pid, name) end

function FakeProc:write_stat(pid)
  local process = self.processes[pid]
  local text = ("%d (%s) %s %d %d %d 0 -1 0 0 0 0 0 %d 0 0 0 20 0 %d 0 %d 0 0\n"):format(
    pid,
    process.name,
    process.state,
    process.ppid,
    pid,
    process.session,
    process.ticks,
    process.threads,
    process.start
  )
  write_file(self:file(pid, "stat"), text)
end

function FakeProc:write_io(pid)
  local lines = {}
  for index, name in ipairs(COUNTERS) do
    lines[index] = ("%s: %d\n"):format(name, self.processes[pid].io[name] or 0)
  end
  write_file(self:file(pid, "io"), table.concat(lines))
end

local SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
  .. "  timeout inode\n"
local LISTENER = "   0: 00000000:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"
  .. "        0 %d 1\n"

-- The sockets of all processes, in the one network namespace.
function FakeProc:write_sockets()
  local lines = { SOCKETS }
  for pid, process in pairs(self.processes) do
    if process.port then lines[#lines + 1] = LISTENER:format(process.port, 1000 + pid) end
  end
  write_file(self.root .. "/sockets", table.concat(lines))
end

--- The process begins to listen on a TCP port.
function FakeProc:listen(pid, port)
  self.processes[pid].port = port
  assert(uv.fs_symlink(("socket:[%d]"):format(1000 + pid), self:file(pid, "fd/3")))
  self:write_sockets()
end

--- Writes the text of its control groups, as in /proc/PID/cgroup.
function FakeProc:write_cgroup(pid, text) write_file(self:file(pid, "cgroup"), text) end

--- Adds a process. Fields: name, cmd (arguments), exe (its path), uid, ppid, session, state, start,
--- threads, io (counters), cgroup (text), port (it listens on).
---@param pid integer
---@param fields? table
function FakeProc:add(pid, fields)
  local process = {
    name = "fake",
    uid = 0,
    ppid = 1,
    session = pid,
    state = "S",
    start = 100,
    threads = 1,
    io = {},
    ticks = 0,
  }
  for key, value in pairs(fields or {}) do
    process[key] = value
  end
  process.cmd = process.cmd or { process.name }
  self.processes[pid] = process
  assert(uv.fs_mkdir(self.root .. "/" .. pid, 493))
  self:write_stat(pid)
  self:write_io(pid)
  local uid = process.uid
  write_file(self:file(pid, "cmdline"), table.concat(process.cmd, "\0") .. "\0")
  write_file(
    self:file(pid, "status"),
    ("Name:\t%s\nUid:\t%d\t%d\t%d\t%d\n"):format(process.name, uid, uid, uid, uid)
  )
  if process.cgroup then self:write_cgroup(pid, process.cgroup) end
  for _, folder in ipairs { "fd", "ns", "net" } do
    assert(uv.fs_mkdir(self:file(pid, folder), 493))
  end
  assert(uv.fs_symlink("net:[4026531840]", self:file(pid, "ns/net")))
  assert(uv.fs_symlink(self.root .. "/sockets", self:file(pid, "net/tcp")))
  if process.port then self:listen(pid, process.port) end
  if process.exe then assert(uv.fs_symlink(process.exe, self:file(pid, "exe"))) end
  self.newest = pid
  self:write_newest()
end

--- The process does I/O: its counters rise by the given amounts.
---@param pid integer
---@param moved table<string, integer> e.g. { wchar = 100, syscw = 1 }
function FakeProc:move(pid, moved)
  local counters = self.processes[pid].io
  for name, amount in pairs(moved) do
    counters[name] = (counters[name] or 0) + amount
  end
  self:write_io(pid)
end

--- The process runs: ten milliseconds a tick.
---@param pid integer
---@param ticks integer
function FakeProc:run(pid, ticks)
  local process = self.processes[pid]
  process.ticks = process.ticks + ticks
  self:write_stat(pid)
end

--- The process becomes another program.
function FakeProc:exec(pid, name)
  self.processes[pid].name = name
  write_file(self:file(pid, "cmdline"), name .. "\0")
  self:write_stat(pid)
end

--- The process ends, but is not reaped.
function FakeProc:zombie(pid)
  self.processes[pid].state = "Z"
  self:write_stat(pid)
end

--- The process is in another state: a letter as in ps.
function FakeProc:become(pid, state)
  self.processes[pid].state = state
  self:write_stat(pid)
end

--- The process's counters cannot be read any more.
function FakeProc:deny(pid) write_file(self:file(pid, "io"), "") end

--- They can be read again.
function FakeProc:allow(pid) self:write_io(pid) end

--- The process ends and is gone.
function FakeProc:finish(pid)
  self.processes[pid] = nil
  remove_tree(self.root .. "/" .. pid)
end

--- Takes the tree away.
function FakeProc:remove() remove_tree(self.root) end

return fake_proc
