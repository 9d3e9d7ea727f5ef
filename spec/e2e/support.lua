-- SPDX-License-Identifier: MIT
-- Real processes for the specs: started, waited for with a deadline, and ended without a trace.
--
-- Whatever a spec starts carries a token in its environment. `finish`, which runs after each spec,
-- ends it all and fails when a process with the token is left that the spec did not start itself:
-- a command that outlived its watchio.

local uv = require "luv"
local json = require "dkjson"

local support = {}

local root = uv.cwd()
local preset = os.getenv("WATCHIO_PRESET") or "release"

support.root = root
support.build = root .. "/build/" .. preset
support.program = support.build .. "/bin/watchio"
support.lua = os.getenv("LUA") or "lua5.4"
support.is_root = uv.getuid() == 0
support.is_sanitized = preset == "dev"

local token = ("WATCHIO_SPEC=%d.%d"):format(uv.os_getpid(), uv.hrtime())
local started, folders = {}, {}

---Runs the loop until `probe` returns something true, and returns it; raises after `seconds`.
function support.within(seconds, what, probe)
  local deadline = uv.hrtime() + seconds * 1e9
  local tick <close> = setmetatable({ timer = uv.new_timer() }, {
    __close = function(self)
      self.timer:close()
      uv.run("nowait")
    end,
  })
  tick.timer:start(0, 5, function() end)
  repeat
    local result = probe()
    if result then return result end
    uv.run("once")
  until uv.hrtime() > deadline
  error(("waited %g s in vain for %s"):format(seconds, what), 2)
end

local Process = {}
Process.__index = Process

function Process:describe()
  return ("%s\n-- stdout:\n%s\n-- stderr:\n%s\n-- status %s, signal %s"):format(
    table.concat(self.argv, " "),
    self.out,
    self.err,
    self.status,
    self.signal
  )
end

---Waits until `probe(self)` holds; the error tells what the process has said.
function Process:until_it(what, probe, seconds)
  local ok, result = pcall(
    support.within,
    seconds or 10,
    what,
    function() return probe(self) end
  )
  if not ok then error(result .. ":\n" .. self:describe(), 2) end
  return result
end

---Waits until its standard output or its standard error matches.
function Process:says(pattern, seconds)
  return self:until_it(
    "output like " .. pattern,
    function() return self.out:match(pattern) or self.err:match(pattern) end,
    seconds
  )
end

---Waits for its end and the end of its output; returns the exit status, or "signal N".
function Process:ends(seconds)
  self:until_it("its end", function() return self.status and self.open == 0 end, seconds)
  return self.signal == 0 and self.status or "signal " .. self.signal
end

---Waits for its end and raises when that is not the expected one.
function Process:ends_with(expected)
  local got = self:ends()
  if got == expected then return end
  error(("ended with %s, not %s:\n%s"):format(got, expected, self:describe()), 2)
end

function Process:signals(signal) uv.kill(self.pid, signal) end

---Writes to its standard input, which the key `input` of `start` kept open.
function Process:writes(text) self.stdin:write(text) end

---The objects among the lines of its standard output so far, e.g. `events("idle")`.
function Process:events(kind)
  local found = {}
  for line in self.out:gmatch("([^\n]*)\n") do
    local object = json.decode(line)
    if type(object) == "table" and (not kind or object.event == kind) then
      found[#found + 1] = object
    end
  end
  return found
end

---Waits for an event of this kind, about `pid` if given.
function Process:tells(kind, pid, seconds)
  return self:until_it("the event " .. kind, function()
    for _, event in ipairs(self:events(kind)) do
      if not pid or event.target and event.target.pid == pid then return event end
    end
  end, seconds)
end

local function read_into(process, pipe, field)
  process.open = process.open + 1
  pipe:read_start(function(_, chunk)
    if chunk then
      process[field] = process[field] .. chunk
      return
    end
    process.open = process.open - 1
    pipe:close()
  end)
end

local function environment(extra)
  local list = { token }
  for name, value in pairs(uv.os_environ()) do
    if not (extra and extra[name]) then list[#list + 1] = name .. "=" .. value end
  end
  for name, value in pairs(extra or {}) do
    list[#list + 1] = name .. "=" .. value
  end
  return list
end

---Starts `argv` in its own process group. Further keys: stdin (a text) or input (true: `writes`
---gives it its standard input), env, cwd, uid, gid.
function support.start(options)
  local argv = {}
  for index, value in ipairs(options) do
    argv[index] = tostring(value)
  end
  local process = setmetatable({ argv = argv, out = "", err = "", open = 0 }, Process)
  local stdin = (options.stdin or options.input) and uv.new_pipe()
  local stdout, stderr = uv.new_pipe(), uv.new_pipe()
  local handle, pid = uv.spawn(argv[1], {
    args = table.move(argv, 2, #argv, 1, {}),
    stdio = { stdin or nil, stdout, stderr },
    env = environment(options.env),
    cwd = options.cwd,
    uid = options.uid,
    gid = options.gid,
    detached = true,
  }, function(status, signal)
    process.status, process.signal = status, signal
    process.handle:close()
  end)
  process.stdin, process.pipes = stdin, { stdout, stderr, stdin or nil }
  started[#started + 1] = process
  if not handle then error(("cannot start %s: %s"):format(argv[1], pid), 2) end
  process.handle, process.pid = handle, pid
  read_into(process, stdout, "out")
  read_into(process, stderr, "err")
  if options.stdin then stdin:write(options.stdin, function() stdin:close() end) end
  return process
end

---Starts the program with these arguments and the keys of `start`.
function support.watchio(options)
  table.insert(options, 1, support.program)
  local process = support.start(options)
  process.is_watchio = true
  return process
end

---Starts a shell script, with arguments as $1…
function support.shell(script, ...) return support.start { "/bin/sh", "-c", script, "sh", ... } end

---A new folder that everybody may read; it goes with `finish`.
function support.folder()
  local path = assert(uv.fs_mkdtemp("/tmp/watchio-spec-XXXXXX"))
  assert(uv.fs_chmod(path, tonumber("755", 8)))
  folders[#folders + 1] = path
  return path
end

function support.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
  return path
end

---The text of a file, or nil.
function support.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read("a")
end

---The path of a new policy file with this text.
function support.policy(text) return support.write(support.folder() .. "/policy.lua", text) end

---A copy of `program` under a name that no other process here has; comm is this name.
function support.named(program)
  local name = ("wio%x"):format(uv.hrtime() % 0xfffffffffff)
  local path = support.folder() .. "/" .. name
  assert(uv.fs_copyfile(program, path))
  return path, name
end

---A new program of this source in C; nil where there is no compiler.
function support.compiled(source)
  local path = support.folder() .. "/program"
  local ok, build = pcall(support.start, { "cc", "-x", "c", "-o", path, "-", stdin = source })
  return ok and build:ends(60) == 0 and path or nil
end

---The program where every user can run it.
function support.public_program()
  local path = support.folder() .. "/watchio"
  assert(uv.fs_copyfile(support.program, path))
  return path
end

---A user id that no process here has: of somebody who can read no process, whoever is about.
function support.stranger()
  local taken, id = {}, 30000 + uv.os_getpid() % 30000 -- a container may have no more than 65536
  for name in uv.fs_scandir_next, assert(uv.fs_scandir("/proc")) do
    local stat = tonumber(name) and uv.fs_stat("/proc/" .. name)
    if stat then taken[stat.uid] = true end
  end
  while taken[id] do
    id = id + 1
  end
  return id
end

---A process under its own name that reads and writes when the spec `writes` to it, and not else.
function support.echoer()
  local path, name = support.named("/bin/cat")
  local process = support.start { path, input = true }
  process.name = name
  process:writes("ready\n")
  process:says("ready")
  return process
end

---Whether the kernel tells of births, as it does to root and, of late, to all.
function support.births_are_told()
  local monitor <close> = assert(require("watchio.native").monitor())
  monitor:watch { names = { "nobody has this name" }, every_ns = 1000000000 }
  monitor:tick(1)
  return monitor:stats().births == "connector"
end

---A TCP port of 127.0.0.1 that was free just now.
function support.free_port()
  local tcp = uv.new_tcp()
  assert(tcp:bind("127.0.0.1", 0))
  local port = tcp:getsockname().port
  tcp:close()
  uv.run("nowait")
  return port
end

---Whether this pid is a process that has not ended; a zombie has.
function support.alive(pid)
  local stat = support.read(("/proc/%d/stat"):format(pid))
  local state = stat and stat:match(".*%) (%a)")
  return state ~= nil and state ~= "Z" and state ~= "X"
end

---The living processes whose environment holds a mark, as pid → command line; default: what was
---started here.
function support.carriers(mark)
  local found = {}
  for name in uv.fs_scandir_next, (uv.fs_scandir("/proc")) do
    local environ = name:find("^%d+$") and support.read("/proc/" .. name .. "/environ")
    if environ and environ:find(mark or token, 1, true) then
      found[tonumber(name)] = (support.read("/proc/" .. name .. "/cmdline") or "?"):gsub(
        "\0",
        " "
      )
    end
  end
  return found
end

local function end_process(process)
  if not process.pid or process.status then return end
  if process.is_watchio then
    uv.kill(process.pid, "sigterm")
    pcall(process.ends, process, 10)
  end
  if not process.status then uv.kill(-process.pid, "sigkill") end
  support.within(10, "the end of " .. process.argv[1], function() return process.status end)
end

local function close_pipes(process)
  for _, pipe in ipairs(process.pipes) do
    if not pipe:is_closing() then pipe:close() end
  end
end

local function end_orphans()
  local function have_ended() return not next(support.carriers()) end
  if pcall(support.within, 2, "the end of all", have_ended) then return end
  local left = {}
  for pid, command in pairs(support.carriers()) do
    left[#left + 1] = ("%d %s"):format(pid, command)
    uv.kill(pid, "sigkill")
  end
  return table.concat(left, "\n")
end

---Ends what the spec started, the latest first; raises when something else was left behind.
function support.finish()
  for index = #started, 1, -1 do
    end_process(started[index])
  end
  local left = end_orphans()
  for _, process in ipairs(started) do
    close_pipes(process)
  end
  uv.run("nowait")
  for _, path in ipairs(folders) do
    os.execute("rm -rf '" .. path .. "'")
  end
  started, folders = {}, {}
  if left then error("left behind:\n" .. left, 0) end
end

return support
