-- SPDX-License-Identifier: MIT
-- What commands are given and leave behind, on real processes.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local function can(...) return e2e.start({ ... }):ends() == 0 end

-- Runs a policy with --json until nothing is left to do.
local function run(policy, ...)
  local watchio = e2e.watchio { "run", "--json", "-e", policy, ... }
  watchio:ends_with(0)
  return watchio
end

local function lines_of(watchio)
  local lines = {}
  for _, event in ipairs(watchio:events "output") do
    lines[#lines + 1] = event.message
  end
  return lines
end

describe("a command", function()
  after_each(e2e.finish)

  it("that forks and exits leaves nothing behind, even what ignores TERM", function()
    local watchio = run [[
      after(0, "(trap '' TERM; while :; do sleep 0.1; done) & exit 3")
    ]]
    assert.equal(3, watchio:events("done")[1].status) -- and finish looks for what is left
    assert.is_true(watchio:events("done")[1].seconds < 4)
  end)

  it("that cannot be started is an error, and says why", function()
    local why = {
      ["no such file or directory"] = "run { '/no/such/program' }",
      ["argument list too long"] = "run { 'true', ('x'):rep(200000) }",
      ["permission denied"] = "run { '/etc/passwd' }",
      ["no such file or directory (in '/no/such/folder')"] = "run { 'true', "
        .. "cwd = '/no/such/folder' }",
    }
    for reason, action in pairs(why) do
      local watchio = run(("after(0, %s)"):format(action))
      assert.truthy(watchio:events("error")[1].reason:find(reason, 1, true))
      assert.same({}, watchio:events "run")
    end
  end)

  it("ends its group for a restart", function()
    local target = e2e.echoer()
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", idle = "50ms", on_active =
        run { "sh", "-c", "echo begun; sleep 1000 & wait", busy = "restart", output = "log" } }
    ]],
      target.pid,
    }
    local function begun(count)
      watchio:until_it("a start", function() return #watchio:events "output" == count end)
    end
    local function idle(count)
      watchio:until_it("its rest", function() return #watchio:events "idle" == count end)
    end
    idle(1)
    target:writes "x\n"
    begun(1)
    idle(2)
    target:writes "x\n"
    begun(2)
    local done = watchio:tells "done"
    assert.same({ "restarted", "TERM" }, { done.reason, done.signal })
    assert.is_false(e2e.alive(done.pid))
  end)

  it("has the event on its standard input, and need not read it", function()
    local policy = [[
      watch { tonumber(args[1]), label = "it",
        on_start = { run { "true", stdin = "json" }, run { "cat", stdin = "json", output = "log" },
          run { "cat", output = "log" }, function() quit() end } }
    ]]
    local target = e2e.echoer()
    local watchio = run(policy, target.pid)
    local told, start = lines_of(watchio), watchio:events("start")[1]
    assert.equal(1, #told)
    local event = require("dkjson").decode(told[1])
    assert.same(
      { "start", "it", target.pid, target.name },
      { event.event, event.watch, event.target.pid, event.target.name }
    )
    assert.equal(start.time:sub(1, 16), event.time:sub(1, 16))
    assert.equal(start.total and start.total.rchar, event.total and event.total.rchar)
  end)
end)

describe("a hundred commands", function()
  after_each(e2e.finish)

  it("leave no descriptor behind in watchio", function()
    local watchio = run(
      [[
      local uv = require "luv"
      local function count()
        local found, folder = 0, uv.fs_scandir "/proc/self/fd"
        while uv.fs_scandir_next(folder) do found = found + 1 end
        return found
      end
      after(0, function()
        local all = {
          run { "true", output = "log", stdin = "json" }, run { "true", output = args[1] },
          run { "/no/such/program", output = "log", stdin = "json" },
          run { "true", output = "null" },
        }
        for _, each in ipairs(all) do each() end
        local before = count()
        for _ = 1, 25 do
          for _, each in ipairs(all) do each() end
        end
        log("%d more", count() - before)
      end)
    ]],
      e2e.folder() .. "/log"
    )
    assert.equal("0 more", watchio:events("log")[1].message)
  end)
end)

describe("the output of a command", function()
  after_each(e2e.finish)

  it("becomes lines in the log, whatever it holds", function()
    local watchio = run [[
      after(0, run { "sh", "-c", "printf 'one\\npart'; printf 'ial\\r\\n' >&2;"
        .. "printf '\\033\\377 end'", output = "log" })
    ]]
    assert.same({ "one", "partial", "\\x1b\\xff end" }, lines_of(watchio))
    local output = watchio:events("output")[1]
    assert.equal(watchio:events("run")[1].pid, output.pid)
  end)

  it("is told to its end, also what was still in the pipe", function()
    local watchio = run [[
      after(0, run { "sh", "-c", "yes $(printf %099d 0) | head -n 1000; echo last",
        output = "log" })
    ]]
    local told, events = lines_of(watchio), watchio:events()
    assert.same({ 1001, ("0"):rep(99), "last" }, { #told, told[1000], told[1001] })
    assert.equal("done", events[#events].event)
  end)

  it("is told no further than 5000 lines after the end, and how many more there are", function()
    local told = lines_of(run [[ after(0, run { "seq", "20000", output = "log" }) ]])
    local more = assert(tonumber(told[#told]:match "^%((%d+) more lines left out%)$"))
    assert.equal(20000, #told - 1 + more)
    assert.is_true(#told > 5000)
  end)

  it("may be a flood: it holds up nothing", function()
    local watchio = run [[
      local ticks = 0
      every("20ms", function() ticks = ticks + 1 end)
      after(0, run { "yes", output = "log", timeout = "1s" })
      after("1500ms", function() log("ticks %d", ticks) quit() end)
    ]]
    local ticks = tonumber(watchio:events("log")[1].message:match "ticks (%d+)")
    assert.is_true(ticks > 30, ticks) -- 75 on a machine that has nothing else to do
    assert.is_true(#watchio:events "output" < 20000)
    assert.equal("timed out after 1s", watchio:events("done")[1].reason)
  end)

  it("is heard no more when only a daemon in a session of its own is left", function()
    local watchio = run [[
      after(0, run { "sh", "-c", "echo one; setsid sh -c 'echo $$; exec sleep 1004' &"
        .. " sleep 0.3", output = "log" })
    ]]
    local daemon = tonumber(lines_of(watchio)[2])
    assert.is_true(e2e.alive(daemon))
    uv.kill(daemon, "sigkill")
  end)

  it("is appended to a file of its owner alone", function()
    local path = e2e.folder() .. "/log"
    for _ = 1, 2 do
      run([[ after(0, run { "sh", "-c", "echo out; echo err >&2", output = args[1] }) ]], path)
    end
    assert.equal("out\nerr\nout\nerr\n", e2e.read(path))
    assert.equal(tonumber("600", 8), assert(uv.fs_stat(path)).mode & tonumber("777", 8))
  end)

  it("starts nothing when its file cannot be opened", function()
    local folder = e2e.folder()
    e2e.start({ "mkfifo", folder .. "/fifo" }):ends_with(0)
    for path, why in pairs {
      ["/no/such/folder/log"] = "no such file or directory",
      [folder] = "illegal operation on a directory",
      [folder .. "/fifo"] = "no such device or address", -- nobody reads it
    } do
      local watchio = run([[ after(0, run { "true", output = args[1] }) ]], path)
      local reason = ("cannot start 'true': cannot write to '%s': %s"):format(path, why)
      assert.equal(reason, watchio:events("error")[1].reason)
      assert.same({}, watchio:events "run")
    end
  end)

  it("may be nowhere", function()
    local watchio = run [[
      after(0, run { "sh", "-c", "echo x; echo y >&2; readlink /proc/self/fd/2 >/dev/tty",
        output = "null" })
    ]]
    assert.equal("", watchio.err:gsub("[^\n]*/dev/tty[^\n]*\n", ""))
  end)
end)

describe("a command of another user", function()
  after_each(e2e.finish)

  local show = [[
    after(0, run { "sh", "-c", "id -u; id -g; id -G; grep -h -E '^(Uid|Gid|Cap(Inh|Prm|Eff|Amb))'"
      .. " /proc/self/status; env; echo written >/dev/stderr",
      user = args[1], output = "log", cwd = "/", env = { EXTRA = "x" } })
  ]]

  it("has his ids, no capability, and a login's environment", function()
    if not e2e.is_root then return pending "needs root" end
    local told = table.concat(lines_of(run(show, "nobody")), "\n") .. "\n"
    local nobody = require("watchio.native").user "nobody"
    local uid, gid = nobody.uid, nobody.gid
    local expected = {
      ("%d\n%d\n"):format(uid, gid),
      ("Uid:\t%d\t%d\t%d\t%d\n"):format(uid, uid, uid, uid),
      ("Gid:\t%d\t%d\t%d\t%d\n"):format(gid, gid, gid, gid),
      "CapInh:\t0000000000000000\n",
      "CapPrm:\t0000000000000000\n",
      "CapEff:\t0000000000000000\n",
      "CapAmb:\t0000000000000000\n",
      "\nUSER=nobody\n",
      "\nLOGNAME=nobody\n",
      ("\nHOME=%s\n"):format(nobody.home),
      "\nEXTRA=x\n",
      "\nPATH=/usr/local/bin:/usr/bin:/bin\n",
      "\nwritten\n",
    }
    for _, text in ipairs(expected) do
      assert.truthy(told:find(text, 1, true), text .. told)
    end
    assert.is_nil(told:find("WATCHIO_SPEC", 1, true)) -- watchio's own environment
  end)

  it("has all his groups", function()
    if not e2e.is_root or not can("unshare", "-m", "true") then
      return pending "needs root, and a mount namespace"
    end
    local groups = e2e.write(
      e2e.folder() .. "/group",
      "root:x:0:\nnogroup:x:65534:\nfirst:x:7001:nobody\nsecond:x:7002:alice,nobody\n"
        .. "third:x:7003:alice\n"
    )
    local script = 'mount --bind "$1" /etc/group && exec "$2" run --json -e "$3" nobody'
    local watchio = e2e.start {
      "unshare",
      "-m",
      "sh",
      "-c",
      script,
      "sh",
      groups,
      e2e.program,
      show,
    }
    watchio:ends_with(0)
    local told = {}
    for group in lines_of(watchio)[3]:gmatch "%d+" do
      told[#told + 1] = tonumber(group)
    end
    table.sort(told)
    assert.same({ 7001, 7002, 65534 }, told)
  end)

  it("is named by his number as well, and nobody else is touched", function()
    if not e2e.is_root then return pending "needs root" end
    local watchio = run [[
      after(0, run { "id", "-un", user = 65534, output = "log" })
      after("300ms", run { "id", "-un", output = "log" })
    ]]
    assert.same({ "nobody", "root" }, lines_of(watchio))
  end)

  it("is ended like any other", function()
    if not e2e.is_root then return pending "needs root" end
    local watchio = run [[
      after(0, run { "sh", "-c", "sleep 1005 & sleep 1006", user = "nobody", cwd = "/",
        timeout = "200ms" })
    ]]
    local done = watchio:events("done")[1]
    assert.same({ "TERM", "timed out after 200ms" }, { done.signal, done.reason })
  end)

  it("must be able to enter the folder", function()
    if not e2e.is_root then return pending "needs root" end
    local folder = e2e.folder()
    assert(uv.fs_chmod(folder, tonumber("700", 8)))
    local watchio = run([[ after(0, run { "true", user = "nobody", cwd = args[1] }) ]], folder)
    assert.matches("permission denied", watchio:events("error")[1].reason)
  end)

  describe("writes to a file that is opened as him", function()
    local folder, roots

    before_each(function()
      folder, roots = e2e.folder(), e2e.folder()
      assert(uv.fs_chmod(roots, tonumber("700", 8)))
      if e2e.is_root then assert(uv.fs_chown(folder, 65534, 65534)) end
    end)

    local function write_to(path, keys)
      return run(
        ([[ after(0, run { "echo", "written", user = "nobody", cwd = "/",
        output = args[1] %s }) ]]):format(keys or ""),
        path
      )
    end

    it("and is his", function()
      if not e2e.is_root then return pending "needs root" end
      local path = folder .. "/log"
      write_to(path)
      write_to(path)
      assert.equal("written\nwritten\n", e2e.read(path))
      local file = uv.fs_stat(path)
      assert.same({ 65534, 65534, tonumber("100600", 8) }, { file.uid, file.gid, file.mode })
    end)

    for what, make in pairs {
      ["a file of root's"] = function()
        local path = e2e.write(roots .. "/kept", "kept\n")
        assert(uv.fs_symlink(path, folder .. "/log"))
      end,
      ["a new file in a folder of root's"] = function()
        assert(uv.fs_symlink(roots .. "/new", folder .. "/log"))
      end,
    } do
      it(("and not by a link to %s, nor at a retry"):format(what), function()
        if not e2e.is_root then return pending "needs root" end
        make()
        local watchio = write_to(folder .. "/log", ", retry = { times = 2, backoff = '50ms' }")
        assert.matches(
          "cannot write to '.*/log': permission denied",
          watchio:events("error")[1].reason
        )
        assert.is_nil(uv.fs_stat(roots .. "/new"))
        assert.is_true((e2e.read(roots .. "/kept") or "kept\n") == "kept\n")
      end)
    end

    it("and leaves no process and no descriptor behind", function()
      if not e2e.is_root then return pending "needs root" end
      local native = require "watchio.native"
      local function count()
        local scan, found = uv.fs_scandir("/proc/self/fd"), 0
        while uv.fs_scandir_next(scan) do
          found = found + 1
        end
        return found
      end
      local before = count()
      local nobody = native.user "nobody"
      for _ = 1, 20 do
        local fd = assert(native.open_as(nobody, folder .. "/x", uv.constants.O_CREAT | 1, 384))
        uv.fs_close(fd)
        assert.is_nil((native.open_as(nobody, roots .. "/x", uv.constants.O_CREAT | 1, 384)))
      end
      assert.equal(before, count())
      assert.equal(
        "",
        e2e
          .read(("/proc/self/task/%d/children"):format(uv.os_getpid()))
          :gsub("%d+ ", function(pid) return e2e.alive(tonumber(pid)) and "" or pid end)
      )
    end)
  end)

  it("is refused in one line without the right to become him", function()
    if not e2e.is_root then return pending "needs root, to be somebody else" end
    local watchio = e2e.start {
      e2e.public_program(),
      "run",
      "-e",
      "after(0, run { 'true', user = 'root' })",
      uid = 65534,
      gid = 65534,
      cwd = "/",
    }
    watchio:ends_with(1)
    assert.equal('-e:1: run: user: not permitted to become "root" (want root)\n', watchio.err)
  end)

  it("may be oneself without any right", function()
    if not e2e.is_root then return pending "needs root, to be somebody else" end
    local watchio = e2e.start {
      e2e.public_program(),
      "run",
      "-e",
      "after(0, run { 'id', '-u', user = 'nobody' })",
      uid = 65534,
      gid = 65534,
      cwd = "/",
    }
    watchio:ends_with(0)
    assert.equal("65534\n", watchio.out)
  end)
end)

describe("the capabilities of watchio", function()
  after_each(e2e.finish)

  local as_nobody = {
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
    "--inh-caps",
    "+net_raw",
    "--ambient-caps",
    "+net_raw",
  }

  local function start(...)
    local argv = table.move(as_nobody, 1, #as_nobody, 1, { cwd = "/" })
    for _, word in ipairs { ... } do
      argv[#argv + 1] = word
    end
    return argv
  end

  local function cannot()
    if not e2e.is_root then return "needs root, to give some away" end
    if e2e.start(start "true"):ends() ~= 0 then
      return "needs setpriv and ambient capabilities"
    end
  end

  local status = "grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status"
  local none = "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
    .. "CapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n"

  it("are its own: no command inherits them", function()
    if cannot() then return pending(cannot()) end
    local bare = e2e.start(start("sh", "-c", status))
    bare:ends_with(0)
    assert.not_equal(none, bare.out)
    local policy = ("watch { spawn = { 'sh', '-c', %q } } after(0, %q)"):format(
      status .. "; sleep 0.5",
      status
    )
    local watchio = e2e.start(start(e2e.public_program(), "run", "-e", policy))
    watchio:ends_with(0)
    assert.equal(none .. none, watchio.out)
  end)
end)
