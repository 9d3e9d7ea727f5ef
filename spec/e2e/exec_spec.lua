-- SPDX-License-Identifier: MIT
-- `watchio exec` on real processes, between plain pipes.
local e2e = require "spec.e2e.support"
local json = require "dkjson"
local uv = require "luv"

describe("watchio exec", function()
  after_each(e2e.finish)

  local function exec(...) return e2e.watchio { "exec", ... } end

  -- The objects on its standard error.
  local function told(watchio, kind)
    for line in watchio.err:gmatch("([^\n]*)\n") do
      local object = json.decode(line)
      if type(object) == "table" and object.event == kind then return object end
    end
  end

  local function gone(pids)
    for pid in pids:gmatch("%d+") do
      e2e.within(5, "the end of " .. pid, function() return not e2e.alive(tonumber(pid)) end)
    end
  end

  local statuses = {
    { "the command's own status", { "sh", "-c", "exit 7" }, 7, "^$" },
    { "0 for a command that succeeds", { "true" }, 0, "^$" },
    { "128 and the signal that ended it", { "sh", "-c", "kill -USR1 $$" }, 138, "^$" },
    { "what follows --", { "--", "sh", "-c", "exit 4" }, 4, "^$" },
    { "the command's own --help", { "sh", "-c", "exit $#", "--help", "--idle" }, 1, "^$" },
    {
      "127 where there is no such command",
      { "no-such-command" },
      127,
      "^watchio: cannot run 'no%-such%-command': No such file or directory\n$",
    },
    {
      "127 for a line of the shell",
      { "sleep 9" },
      127,
      "No such file or directory %(a shell line%? want sh %-c 'sleep 9'%)\n$",
    },
    {
      "127 for a limit without its option",
      { "2s", "sleep", "9" },
      127,
      "No such file or directory %(a limit%? want %-%-max 2s%)\n$",
    },
    {
      "126 where it is no program",
      { "/etc/passwd" },
      126,
      "^watchio: cannot run '/etc/passwd': Permission denied\n$",
    },
    {
      "126 for a folder",
      { "/etc" },
      126,
      "^watchio: cannot run '/etc': Permission denied\n$",
    },
    { "127 for an empty name", { "" }, 127, "^watchio: cannot run '': No such file" },
    { "2 without a command", {}, 2, "^watchio: no command %(want e%.g%. .*%)\n$" },
    { "2 without a command behind --", { "--summary", "--" }, 2, "^watchio: no command" },
    {
      "2 for no time at all",
      { "--idle", "0", "true" },
      2,
      "^watchio: %-%-idle: bad duration 0 %(want more than zero%)\n$",
    },
    {
      "2 for a wrong unit",
      { "--every", "1us", "true" },
      2,
      '^watchio: %-%-every: bad duration "1us" %(want e%.g%. "30s", "1h30m"%)\n$',
    },
    {
      "2 for too short a time",
      { "--every", "1ms", "true" },
      2,
      '"1ms" %(want at least 10ms%)\n$',
    },
    { "2 for a doubled unit", { "--max", "10ss", "true" }, 2, 'bad duration "10ss"' },
    { "2 for an unit alone", { "--grace", "s", "true" }, 2, 'bad duration "s"' },
    { "2 for a negative time", { "--max=-1", "true" }, 2, "bad duration" },
    {
      "2 for an option without its value",
      { "--idle", "--", "true" },
      2,
      "requires an argument",
    },
    { "2 for an unknown option", { "--idel", "1s", "true" }, 2, "unknown option '%-%-idel'" },
  }
  for _, case in ipairs(statuses) do
    it("ends with " .. case[1], function()
      local watchio = exec(table.unpack(case[2]))
      watchio:ends_with(case[3])
      assert.matches(case[4], watchio.err)
      assert.equal("", watchio.out)
    end)
  end

  it("leaves the standard files to the command", function()
    local watchio = e2e.watchio {
      "exec",
      "--summary",
      "sh",
      "-c",
      "cat; echo oops >&2",
      stdin = "a line\n",
    }
    watchio:ends_with(0)
    assert.equal("a line\n", watchio.out)
    assert.matches("^oops\nwatchio: sh %-c .* %(status 0%)\n", watchio.err)
  end)

  it(
    "gives the command what it was given itself: limits, and signals that are ignored",
    function()
      local script = "ulimit -n 777; trap '' INT USR1; exec \"$0\" exec sh -c "
        .. "'ulimit -n; kill -INT $$; kill -USR1 $$; echo alive; kill -PIPE $$'"
      local watchio = e2e.start { "sh", "-c", script, e2e.program }
      watchio:ends_with(141)
      assert.equal("777\nalive\n", watchio.out)
    end
  )

  it("runs a script that does not name its interpreter, as the shell does", function()
    local path = e2e.write(e2e.folder() .. "/script", "exit $(($1 + 1))\n")
    assert(uv.fs_chmod(path, tonumber("755", 8)))
    exec(path, "4"):ends_with(5)
  end)

  it("ends an idle command with its orphans, and tells who was there", function()
    local watchio = exec(
      "--idle",
      "0.3",
      "--every",
      "0.05",
      "sh",
      "-c",
      [[(setsid sh -c 'echo "pid $$"; exec sleep 1000' &); echo "pid $$"; exec sleep 2000]]
    )
    watchio:ends_with(124)
    assert.matches("no activity for 3%d%dms, so it is ended\n", watchio.err)
    assert.matches("watchio:   %d+ sleep  sleep 1000\n", watchio.err)
    assert.matches("watchio:   %d+ sleep  sleep 2000\n", watchio.err)
    assert.matches("\nwatchio: ended by TERM after ", watchio.err)
    gone(watchio.out)
  end)

  local function time_passes(seconds)
    local deadline = uv.hrtime() + seconds * 1e9
    e2e.within(seconds + 5, "time to pass", function() return uv.hrtime() > deadline end)
  end

  it("does not take a command for idle while an orphan is busy", function()
    local stop = e2e.folder() .. "/stop"
    local watchio = exec(
      "--idle",
      "0.5",
      "--every",
      "0.05",
      "sh",
      "-c",
      [[
      (setsid sh -c 'while [ ! -e "$0" ]; do head -c 100000 /dev/zero; done >/dev/null
        exec sleep 1000' "$0" &)
      exec sleep 2000]],
      stop
    )
    time_passes(1.5)
    assert.is_nil(watchio.status)
    e2e.write(stop, "")
    watchio:ends_with(124)
    assert.matches("watchio:   last active .* ago: ", watchio.err)
  end)

  it("ends a command that has run for too long, with KILL where it must", function()
    local watchio = exec(
      "--max",
      "0.3",
      "--grace",
      "0.2",
      "sh",
      "-c",
      [[trap "" TERM; echo "pid $$"; while :; do sleep 0.05; done]]
    )
    watchio:ends_with(124)
    assert.matches("it ran for %d+ms, so it is ended\n", watchio.err)
    assert.matches("\nwatchio: ended by KILL after ", watchio.err)
    gone(watchio.out)
  end)

  it("has what is stopped act on TERM", function()
    local watchio = exec(
      "--max",
      "0.3",
      "--grace",
      "60",
      "sh",
      "-c",
      [[sh -c 'trap "echo bye; exit" TERM; kill -STOP $$; sleep 1000' & wait]]
    )
    watchio:ends_with(124)
    assert.matches("bye", watchio.out)
    assert.matches("\nwatchio: ended by TERM after ", watchio.err)
  end)

  it("ends what is forked and orphaned faster than it can be seen", function()
    local watchio = exec(
      "--max",
      "0.5",
      "--grace",
      "0.1",
      "sh",
      "-c",
      [[trap "" TERM; while :; do (setsid sh -c 'trap "" TERM; sleep 0.3' &); done]]
    )
    watchio:ends_with(124)
  end)

  it("leaves behind what the command leaves behind", function()
    local watchio =
      exec("--summary", "--json", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.2")
    watchio:ends_with(0)
    local pid = tonumber(watchio.out)
    assert.is_true(e2e.alive(pid))
    uv.kill(pid, "sigkill")
    assert.equal(1, told(watchio, "summary").left)
  end)

  local passed = { "TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "WINCH" }
  for _, name in ipairs(passed) do
    it("passes on " .. name .. ", once", function()
      local stop = e2e.folder() .. "/stop"
      local watchio = exec(
        "sh",
        "-c",
        ("trap 'echo got' %s; echo ready; "):format(name)
          .. "while [ ! -e $0 ]; do sleep 0.02; done",
        stop
      )
      watchio:says("ready")
      watchio:signals("sig" .. name:lower())
      watchio:says("got")
      e2e.write(stop, "")
      watchio:ends_with(0)
      assert.equal("ready\ngot\n", watchio.out)
    end)
  end

  it(
    "hears of ends and signals, and blocks none for the command, whatever was blocked",
    function()
      if not os.execute("env --block-signal true 2>/dev/null") then
        return pending("needs env --block-signal, of coreutils 8.31")
      end
      local watchio = e2e.start {
        "/usr/bin/env",
        "--block-signal",
        e2e.program,
        "exec",
        "sh",
        "-c",
        "grep SigBlk /proc/self/status; trap 'exit 9' TERM; echo ready; "
          .. "while :; do sleep 0.02; done",
      }
      watchio:says("SigBlk:\t0+\nready")
      watchio:signals("sigterm")
      watchio:ends_with(9)
    end
  )

  for name, number in pairs { HUP = 1, USR1 = 10, USR2 = 12 } do
    it(("passes on %s that comes before the command is there"):format(name), function()
      if not os.execute("env --block-signal true 2>/dev/null") then
        return pending("needs env --block-signal, of coreutils 8.31")
      end
      -- It waits since before watchio itself is there.
      local watchio = e2e.start {
        "/usr/bin/env",
        "--block-signal=" .. name,
        "sh",
        "-c",
        ('kill -%s $$; exec "$0" exec sleep 1000'):format(name),
        e2e.program,
      }
      watchio:ends_with(128 + number)
    end)
  end

  local function has_loop(pid)
    local folder = ("/proc/%d/fd"):format(pid)
    for name in uv.fs_scandir_next, (uv.fs_scandir(folder)) do
      if uv.fs_readlink(folder .. "/" .. name) == "anon_inode:[eventpoll]" then return true end
    end
  end

  it("passes on USR1 that comes as it begins", function()
    for _ = 1, 5 do
      local watchio = exec("sleep", "1000")
      e2e.within(5, "its loop", function() return has_loop(watchio.pid) end)
      watchio:signals "sigusr1"
      watchio:ends_with(138)
    end
  end)

  it("waits for orphans as a container's first process", function()
    local argv =
      { "/usr/bin/env", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child" }
    if not os.execute(table.concat(argv, " ") .. " true 2>/dev/null") then
      return pending("needs unshare --pid: root, of util-linux")
    end
    local script =
      "(sleep 0.05 &); (setsid sleep 0.05 &); sleep 0.2; ps -eo stat=,args=; exit 7"
    table.move({ e2e.program, "exec", "sh", "-c", script }, 1, 5, #argv + 1, argv)
    local watchio = e2e.start(argv)
    watchio:ends_with(7)
    assert.matches("watchio exec", watchio.out)
    assert.is_nil(watchio.out:find("\nZ"), watchio.out)
  end)

  it("passes on what comes from outside of its container", function()
    local argv =
      { "/usr/bin/env", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child" }
    if not os.execute(table.concat(argv, " ") .. " true 2>/dev/null") then
      return pending("needs unshare --pid: root, of util-linux")
    end
    local script = "trap 'echo got; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    table.move({ e2e.program, "exec", "sh", "-c", script }, 1, 5, #argv + 1, argv)
    local container = e2e.start(argv)
    container:says "ready"
    local children =
      e2e.read(("/proc/%d/task/%d/children"):format(container.pid, container.pid))
    uv.kill(tonumber(children:match "%d+"), "sigterm")
    container:ends_with(9)
    assert.matches("got", container.out)
  end)

  it("does not pass on what the command sends to its own group", function()
    local watchio = exec(
      "sh",
      "-c",
      "trap 'echo got' USR1; kill -USR1 0; for i in 1 2 3 4; do sleep 0.05; done; exit 9"
    )
    watchio:ends_with(9)
    assert.equal("got\n", watchio.out)
  end)

  it("does not count the time for which the command is stopped", function()
    local watchio =
      exec("--idle", "0.5", "--every", "0.05", "sh", "-c", "echo $$; exec sleep 1000")
    local pid = tonumber(watchio:says("(%d+)\n"))
    uv.kill(pid, "sigstop")
    time_passes(1.5)
    assert.is_nil(watchio.status)
    uv.kill(pid, "sigcont")
    watchio:ends_with(124)
  end)

  it("sums up exactly what was read and written, orphans included", function()
    local path = e2e.folder()
    local watchio = e2e.watchio {
      "exec",
      "--summary",
      "--json",
      "sh",
      "-c",
      [[
      head -c 1000000 /dev/zero >a
      (setsid sh -c '
        head -c 500000 /dev/zero >b; (setsid sh -c "head -c 7 /dev/zero >c; exit" &)' &)
      read -r _ <&0; exit 3]],
      cwd = path,
      input = true,
    }
    e2e.within(10, "the orphans' end", function()
      if e2e.read(path .. "/c") ~= ("\0"):rep(7) then return false end
      local children = e2e.read(("/proc/%d/task/%d/children"):format(watchio.pid, watchio.pid))
      return not children:find("%d+ %d+")
    end)
    watchio:writes("\n")
    watchio:ends_with(3)
    local summary = told(watchio, "summary")
    assert.equal(3, summary.status)
    assert.equal(1500007, summary.total.wchar)
    assert.is_true(summary.total.rchar > 1500007)
    assert.is_true(summary.total.cpu > 0 and summary.total.cpu < 2 * summary.seconds)
  end)

  it("counts every process that was started, however short it lived", function()
    local watchio = exec(
      "--summary",
      "--json",
      "sh",
      "-c",
      "for i in 1 2 3 4 5; do /bin/true; done; /bin/true; :"
    )
    watchio:ends_with(0)
    local summary = told(watchio, "summary")
    if not summary.started then pending("the kernel does not tell of births here") end
    assert.equal(7, summary.started)
  end)

  it("tells what cannot be read, once, and does not take it for idle", function()
    if not e2e.is_root then pending("needs root, to become another user") end
    if os.execute("command -v ssh-agent >/dev/null") ~= true then pending("needs ssh-agent") end
    local folder = e2e.folder()
    assert(uv.fs_chown(folder, 65534, 65534))
    local watchio = e2e.start {
      e2e.public_program(),
      "exec",
      "--idle",
      "0.3",
      "--every",
      "0.05",
      "ssh-agent",
      "-D",
      "-a",
      folder .. "/agent",
      uid = 65534,
      gid = 65534,
    }
    watchio:says("not permitted to read its counters")
    time_passes(1)
    assert.is_nil(watchio.status)
    watchio:signals "sigterm"
    watchio:ends()
    local _, count = watchio.err:gsub("not permitted", "")
    assert.equal(1, count)
  end)
end)
