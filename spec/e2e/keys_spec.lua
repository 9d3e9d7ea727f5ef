-- SPDX-License-Identifier: MIT
-- The keys of a selector on real processes, and what `watchio match` shows of them.
local e2e = require "spec.e2e.support"
local json = require "dkjson"
local uv = require "luv"

local server = [[
  local uv, sockets = require "luv", {}
  local function listen(port, host)
    local socket = uv.new_tcp()
    assert(socket:bind(host, port))
    assert(socket:listen(1, function() end))
    sockets[#sockets + 1] = socket
    print "listens"
    io.stdout:flush()
  end
  if arg[1] then listen(tonumber(arg[1]), arg[2]) end
  local input = uv.new_pipe()
  input:open(0)
  input:read_start(function(_, line)
    if not line then os.exit() end
    listen(tonumber(line), "127.0.0.1")
  end)
  uv.run()
]]

-- A server on this port; without one it listens on the port that is written to it.
local function serve(port, host)
  local path = e2e.write(e2e.folder() .. "/server.lua", server)
  local process = e2e.start { e2e.lua, path, port, host or port and "127.0.0.1", input = true }
  if port then process:says("listens") end
  return process
end

-- The pids that TARGETs name, and the status.
local function match(...)
  local watchio = e2e.watchio { "match", "--json", "--per", "process", ... }
  local status, pids = watchio:ends(), {}
  for index, event in ipairs(watchio:events("match")) do
    pids[index] = event.target.pid
  end
  table.sort(pids)
  return pids, status, watchio
end

local function watch(selector)
  return e2e.watchio { "run", "--json", "-e", ("watch { %s, every = '100ms' }"):format(selector) }
end

describe("the key port", function()
  after_each(e2e.finish)

  for family, host in pairs { IPv4 = "127.0.0.1", IPv6 = "::1" } do
    it("names who listens by " .. family, function()
      local port = e2e.free_port()
      local ok, process = pcall(serve, port, host)
      if not ok and family == "IPv6" then return pending("no IPv6 here") end
      assert.same({ process.pid }, (match("port=" .. port)))
    end)
  end

  it("does not name who is connected, nor who listens elsewhere", function()
    local port = e2e.free_port()
    local process = serve(port)
    local client = uv.new_tcp()
    client:connect("127.0.0.1", port, function() end)
    e2e.within(5, "the connection", function() return client:getpeername() end)
    assert.same({ process.pid }, (match("port=" .. port)))
    assert.same({}, (match("port=" .. client:getsockname().port)))
    client:close()
    uv.run("nowait")
  end)

  it("names who has a port of UDP, which a port of TCP only hints at", function()
    local program = [[
      local uv = require "luv"
      local socket = uv.new_udp()
      assert(socket:bind("127.0.0.1", %d))
      socket:recv_start(function() end)
      print "bound"
      io.stdout:flush()
      uv.run()
    ]]
    local port = e2e.free_port() -- nobody has it for TCP either
    local game = e2e.start { e2e.lua, "-e", program:format(port) }
    game:says "bound"
    -- With its name, so that nobody is asked who may not be read.
    local name = e2e.read(("/proc/%d/comm"):format(game.pid)):match "[^\n]+"
    assert.same({ game.pid }, (match("port=udp:" .. port)))
    local looking = e2e.watchio { "match", ("%s,port=%d"):format(name, port) }
    looking:ends_with(3)
    local hint = ("%%[%d%%] has it for UDP: port=udp:%s"):format(game.pid, port)
    assert.matches(hint, looking.err)
    local wrong = e2e.watchio { "match", "port=udp:99999" }
    wrong:ends_with(2)
    assert.matches('bad port "udp:99999"', wrong.err)
  end)

  it("finds who begins to listen, within a second or so", function()
    local port, process = e2e.free_port(), serve()
    local watchio = watch("port = " .. port)
    assert.matches("nothing matches port " .. port, watchio:tells("missing").reason)
    process:writes(tostring(port))
    process:says("listens")
    watchio:tells("start", process.pid, 3)
  end)

  it("looks into the process's own network namespace", function()
    if not os.execute("unshare -n true 2>/dev/null") then
      return pending("no network namespaces here")
    end
    local port = e2e.free_port()
    local here = serve(port)
    local path = e2e.write(e2e.folder() .. "/server.lua", server)
    local there = e2e.start {
      "/usr/bin/env",
      "unshare",
      "-n",
      e2e.lua,
      path,
      port,
      "0.0.0.0",
      input = true,
    }
    there:says("listens")
    assert.same({ here.pid, there.pid }, (match("port=" .. port)))
    here:signals("sigkill")
    here:ends()
    assert.same({ there.pid }, (match("port=" .. port)))
  end)

  it("says that it cannot be told where descriptors may not be read", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local port = e2e.free_port()
    serve(port)
    local program = e2e.public_program()
    local watchio = e2e.start { program, "match", "port=" .. port, uid = 65534, gid = 65534 }
    watchio:ends_with(4)
    assert.matches("could not check %d+ process%a*: Permission denied", watchio.err)
  end)
end)

describe("the key pidfile", function()
  after_each(e2e.finish)

  it("follows a daemon that is started, and started again", function()
    local path = e2e.folder() .. "/x.pid"
    local watchio = watch(("pidfile = %q"):format(path))
    watchio:tells("missing")
    local first, second = e2e.echoer(), e2e.echoer()
    e2e.write(path, first.pid .. "\n")
    watchio:tells("start", first.pid, 3)
    first:signals("sigkill")
    watchio:tells("exit", first.pid, 3)
    e2e.write(path, second.pid .. "\n")
    watchio:tells("start", second.pid, 3)
  end)

  it("does not name who was started after the file was written", function()
    local process = e2e.echoer()
    local path = e2e.write(e2e.folder() .. "/x.pid", process.pid .. "\n")
    assert.same({ process.pid }, (match("pidfile=" .. path)))
    assert(uv.fs_utime(path, os.time() - 100, os.time() - 100))
    local pids, status, watchio = match("pidfile=" .. path)
    assert.same({ {}, 3 }, { pids, status })
    assert.matches("it started after the file was written", watchio.err)
  end)

  local NOBODY <const> = 65534
  local OTHER = "it belongs to another user than the file, its folder or a link to it"
  local DISPUTED = "others can put another file in its place"

  -- What is made of root's own file x.pid in a folder; the path that is asked for, and why it names
  -- nobody.
  local cases = {
    ["a link in a folder of another user"] = {
      function(folder)
        assert(uv.fs_mkdir(folder .. "/other", 493))
        assert(uv.fs_symlink(folder .. "/x.pid", folder .. "/other/y.pid"))
        assert(uv.fs_chown(folder .. "/other", NOBODY, NOBODY))
        return folder .. "/other/y.pid"
      end,
      OTHER,
    },
    ["a link of another user in a sticky folder"] = {
      function(folder)
        assert(uv.fs_mkdir(folder .. "/tmp", 511))
        assert(uv.fs_chmod(folder .. "/tmp", tonumber("1777", 8)))
        assert(uv.fs_symlink("../x.pid", folder .. "/tmp/y.pid"))
        assert(uv.fs_lchown(folder .. "/tmp/y.pid", NOBODY, NOBODY))
        return folder .. "/tmp/y.pid"
      end,
      OTHER,
    },
    ["root's file below a folder of another user"] = {
      function(folder)
        assert(uv.fs_chown(folder, NOBODY, NOBODY))
        return folder .. "/x.pid"
      end,
      OTHER,
    },
    ["a way through a folder of another user, and back"] = {
      function(folder)
        assert(uv.fs_mkdir(folder .. "/other", 493))
        assert(uv.fs_chown(folder .. "/other", NOBODY, NOBODY))
        return folder .. "/other/../x.pid"
      end,
      OTHER,
    },
    ["a folder that anybody may write"] = {
      function(folder)
        assert(uv.fs_chmod(folder, tonumber("777", 8)))
        return folder .. "/x.pid"
      end,
      DISPUTED,
    },
    ["a file of one user below a folder of another"] = {
      function(folder)
        assert(uv.fs_chown(folder .. "/x.pid", NOBODY, NOBODY))
        assert(uv.fs_chown(folder, NOBODY - 1, NOBODY))
        return folder .. "/x.pid"
      end,
      DISPUTED,
    },
    ["a link of root's own to it"] = {
      function(folder)
        assert(uv.fs_symlink("./x.pid", folder .. "/y.pid"))
        return folder .. "/y.pid"
      end,
    },
  }
  for what, case in pairs(cases) do
    local make, reason = table.unpack(case)
    it(
      ("%s root's process by %s"):format(reason and "does not name" or "names", what),
      function()
        if not e2e.is_root then return pending("needs root, to own files") end
        local process, folder = e2e.echoer(), e2e.folder()
        e2e.write(folder .. "/x.pid", process.pid .. "\n")
        local pids, _, watchio = match("pidfile=" .. make(folder))
        assert.same(reason and {} or { process.pid }, pids)
        if reason then assert.truthy(watchio.err:find(reason, 1, true), watchio.err) end
      end
    )
  end

  it("names a user's own process by a file in his folder", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local folder = e2e.folder()
    local process = e2e.start { "sleep", "100", uid = NOBODY, gid = NOBODY }
    e2e.write(folder .. "/x.pid", process.pid .. "\n")
    assert(uv.fs_chown(folder .. "/x.pid", NOBODY, NOBODY))
    assert(uv.fs_chown(folder, NOBODY, NOBODY))
    assert.same({ process.pid }, (match("pidfile=" .. folder .. "/x.pid")))
  end)

  it("takes no process from a link that comes in the place of the file", function()
    if not e2e.is_root then return pending("needs root, to own files") end
    local folder = e2e.folder()
    local victim = e2e.echoer()
    local mine = e2e.start { "sleep", "100", uid = NOBODY, gid = NOBODY }
    e2e.write(folder .. "/root.pid", victim.pid .. "\n")
    assert(uv.fs_mkdir(folder .. "/other", 493))
    e2e.write(folder .. "/other/y.pid", mine.pid .. "\n")
    assert(uv.fs_chown(folder .. "/other/y.pid", NOBODY, NOBODY))
    assert(uv.fs_chown(folder .. "/other", NOBODY, NOBODY))
    local watchio = watch(("pidfile = %q"):format(folder .. "/other/y.pid"))
    watchio:tells("start", mine.pid)
    assert(uv.fs_unlink(folder .. "/other/y.pid"))
    assert(uv.fs_symlink(folder .. "/root.pid", folder .. "/other/y.pid"))
    watchio:tells("leave", mine.pid)
    watchio:signals "sigterm"
    watchio:ends_with(0)
    for _, event in ipairs(watchio:events "start") do
      assert.equal(mine.pid, event.target.pid)
    end
  end)
end)

describe("the key exe", function()
  after_each(e2e.finish)

  it("names by path, also when the file is gone", function()
    local process = e2e.echoer()
    local path = uv.fs_readlink(("/proc/%d/exe"):format(process.pid))
    assert.same({ process.pid }, (match("exe=" .. path)))
    assert(os.remove(path))
    assert.same({ process.pid }, (match("exe=*/" .. process.name)))
  end)

  it("is unknown where it may not be read: no match, and an exception that holds", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local process, program = e2e.echoer(), e2e.public_program()
    local function as_nobody(...)
      local watchio = e2e.start { program, uid = 65534, gid = 65534, ... }
      return watchio:ends(), watchio
    end
    local status, watchio = as_nobody("match", "exe=*/" .. process.name)
    assert.equal(4, status)
    assert.matches("could not check %d+ process%a*: Permission denied", watchio.err)
    local policy = "watch { %q, label = 'x', except = { exe = '/no/such' } }"
    status, watchio = as_nobody("check", "-e", policy:format(process.name))
    assert.equal(0, status)
    assert.matches("x\n.* matches +nothing yet\n", watchio.out)
  end)
end)

describe("the keys unit and cgroup", function()
  local group

  after_each(function()
    e2e.finish()
    if group then os.remove(group) end
    group = nil
  end)

  it("name who is in a unit's cgroup", function()
    local process = e2e.echoer()
    for _, mount in ipairs { "/sys/fs/cgroup/systemd", "/sys/fs/cgroup" } do
      local path = ("%s/%s.service"):format(mount, process.name)
      if not group and uv.fs_mkdir(path, 493) then group = path end
    end
    local ok = group and pcall(e2e.write, group .. "/cgroup.procs", tostring(process.pid))
    if not ok then return pending("no control group can be made here") end
    assert.same({ process.pid }, (match("unit=" .. process.name)))
    assert.same({ process.pid }, (match("cgroup=" .. group)))
    assert.same({ process.pid }, (match("cgroup=/" .. process.name .. ".service")))
  end)
end)

describe("watchio match", function()
  after_each(e2e.finish)

  it("shows a target with its processes, and by which other name one goes", function()
    local script, name = e2e.named("/bin/true")
    e2e.write(script, "sleep 1000 & echo child $!\nwait\n")
    local parent = e2e.start { "/bin/sh", script }
    local child = tonumber(parent:says("child (%d+)"))
    local watchio = e2e.watchio { "match", name }
    watchio:ends_with(0)
    assert.matches(
      ("\nsh%%[%d%%] +%d +sh +%s +"):format(parent.pid, parent.pid, name),
      watchio.out
    )
    assert.matches(("\n +%d +  sleep +"):format(child), watchio.out)
    assert.matches("\n2 processes in 1 target\n$", watchio.out)
    local event = e2e.watchio { "match", "--json", name }
    event:ends_with(0)
    local object = json.decode(event.out)
    assert.same({ parent.pid, child }, object.target.pids)
    assert.same({ name }, object.processes[1].other_names)
  end)

  it("names a TARGET that matches nothing beside one that does", function()
    local process = e2e.echoer()
    local watchio = e2e.watchio { "match", process.pid, "no-such-name-at-all" }
    watchio:ends_with(0)
    assert.matches("no process matches no%-such%-name%-at%-all", watchio.out)
  end)

  it("ends with 4 when none of them can be read, and says why", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local process, program = e2e.echoer(), e2e.public_program()
    local watchio = e2e.start { program, "match", process.pid, uid = 65534, gid = 65534 }
    watchio:ends_with(4)
    assert.matches("\nio of 1 unread: not permitted to read its counters %(run as", watchio.out)
  end)
end)
