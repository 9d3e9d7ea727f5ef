-- SPDX-License-Identifier: MIT
-- `watchio run` on real processes: where policies come from, what they see, and how it ends.
local e2e = require "spec.e2e.support"
local uv = require "luv"

-- Watches the pid in args[1] and tells what happens to it.
local telling = [[
  local function tell(target, event) print(event.type, target.pid, event.time, event.idle_for) end
  watch {
    tonumber(args[1]), every = "20ms", idle = "300ms",
    on_start = tell, on_active = tell, on_idle = tell, on_exit = tell,
  }
]]

-- Ends the pid in args[1] when it is idle.
local ending = [[
  watch { tonumber(args[1]), every = "20ms", idle = "300ms", on_idle = kill {} }
]]

describe("watchio run", function()
  after_each(e2e.finish)

  describe("takes a policy", function()
    local chunk = "print(...) print(table.unpack(args)) after('10ms', function() quit(7) end)"
    local function check(watchio)
      watchio:ends_with(7)
      assert.equal("one\t-two\none\t-two\n", watchio.out)
      assert.equal("", watchio.err)
    end

    it(
      "from a file",
      function() check(e2e.watchio { "run", e2e.policy(chunk), "one", "-two" }) end
    )
    it(
      "from its command line",
      function() check(e2e.watchio { "run", "-e", chunk, "one", "-two" }) end
    )
    it(
      "from standard input",
      function() check(e2e.watchio { "run", "-", "one", "-two", stdin = chunk }) end
    )
  end)

  describe("sees", function()
    it("a process start, act, rest and end", function()
      local target = e2e.echoer()
      local watchio = e2e.watchio { "run", "-e", telling, target.pid }
      watchio:says("start\t" .. target.pid)
      target:writes("hello\n")
      watchio:says("active\t" .. target.pid)
      watchio:says("idle\t" .. target.pid)
      target:signals("sigterm")
      watchio:says("exit\t" .. target.pid)
      watchio:ends_with(0)
    end)

    it("prints what is going on at SIGUSR1, and goes on", function()
      local target = e2e.echoer()
      local watchio = e2e.watchio { "run", "-e", telling, target.pid }
      watchio:says "start"
      watchio:signals "sigusr1"
      watchio:until_it(
        "the table",
        function()
          return watchio.err:find("status  0 commands running", 1, true)
            and watchio.err:find(("%s[%d]"):format(target.name, target.pid), 1, true)
        end
      )
      watchio:signals "sigterm"
      watchio:ends_with(0)
      local json = e2e.watchio { "run", "--json", "-e", telling, target.pid }
      json:tells("start", target.pid)
      json:signals "sigusr1"
      local status = json:tells "status"
      assert.equal(target.pid, status.targets[1].pid)
    end)

    it("idleness neither early nor late", function()
      local target = e2e.echoer()
      local watchio = e2e.watchio { "run", "-e", telling, target.pid }
      watchio:says("idle\t")
      local wrote = uv.hrtime() / 1e9
      target:writes("hello\n")
      local told = watchio:says("active.*idle\t%d+\t([%d.]+\t[%d.]+)\n")
      local time, idle_for = told:match("(.*)\t(.*)")
      assert.is_true(tonumber(time) - wrote >= 0.3)
      assert.is_true(tonumber(time) - wrote < 0.3 + 0.02 + 0.25) -- one sample, and a busy machine
      assert.is_true(tonumber(idle_for) >= 0.3)
    end)

    it("an end at once, however seldom it samples", function()
      local target = e2e.echoer()
      local policy = "watch { tonumber(args[1]), every = '1h', on_start = log 'here' }"
      local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
      watchio:tells("log", target.pid)
      local before = uv.hrtime()
      target:signals("sigkill")
      watchio:tells("exit", target.pid)
      assert.is_true(uv.hrtime() - before < 1e9)
      watchio:ends_with(0)
    end)

    it("a process that comes later, by its name", function()
      local path, name = e2e.named("/bin/sleep")
      local policy = ("watch { %q, every = '20ms', on_start = log 'here' }"):format(name)
      local watchio = e2e.watchio { "run", "--json", "-e", policy }
      local target = e2e.start { path, "1000" }
      local event = watchio:tells("log", target.pid)
      assert.equal(name, event.target.name)
    end)
  end)

  describe("ends", function()
    it("an idle process, and then itself", function()
      local target = e2e.echoer()
      local watchio = e2e.watchio { "run", "--json", "-e", ending, target.pid }
      watchio:tells("killed", target.pid)
      target:ends_with("signal 15")
      watchio:ends_with(0)
    end)

    it("a process that ignores TERM after its grace", function()
      local stubborn = "trap '' TERM; echo ready; read -r _"
      local target = e2e.start { "/bin/sh", "-c", stubborn, input = true }
      target:says("ready")
      local policy = [[
        watch { tonumber(args[1]), every = "20ms", idle = "100ms",
          on_idle = kill { grace = "300ms" } }
      ]]
      local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
      watchio:tells("killed", target.pid)
      target:ends_with("signal 9")
    end)

    -- CONT does no harm should one of them get it after all.
    local guarded = [[
      watch { tonumber(args[1]), on_start = kill { signal = "CONT", grace = "1h" } }
      after("1s", function() quit(0) end)
    ]]
    for who, pid in pairs { ["pid 1"] = "1", itself = "$$", ["its ancestor"] = "$PPID" } do
      it(("never %s"):format(who), function()
        local exec = ('exec "$1" run --json -e "$2" %s'):format(pid)
        local watchio = e2e.shell(exec, e2e.program, guarded)
        watchio:tells("refused")
        assert.same({}, watchio:events("kill"))
        watchio:ends_with(0)
      end)
    end

    -- Commands and spawned processes that a bare end of watchio would leave behind.
    local busy = [[
      watch { spawn = { "sleep", "1001" }, label = "spawned",
        on_start = run { "sh", "-c", "echo running; sleep 1002; true" } }
    ]]

    for signal, status in pairs { sigterm = 0, sigquit = 0, sigint = 130 } do
      it(("on %s with %d, and no command is left"):format(signal, status), function()
        local watchio = e2e.watchio { "run", "-e", busy }
        watchio:says("running")
        watchio:signals(signal)
        watchio:ends_with(status)
      end)
    end

    it("as its policy says at the exit of what it spawned, however soon that ends", function()
      local policy = "watch { spawn = { 'true' }, on_exit = quit(3) }"
      for _ = 1, 5 do
        e2e.watchio({ "run", "-e", policy }):ends_with(3)
      end
    end)

    it("a command of which only zombies are left", function()
      -- The middle process leaves the group and never asks for its child.
      local policy = [=[
        after(0, [[ sh -c 'echo holder $$; sleep 0.05 & exec setsid sleep 1003' & sleep 0.3 ]])
      ]=]
      local watchio = e2e.watchio { "run", "-e", policy }
      local holder = tonumber(watchio:says("holder (%d+)"))
      watchio:says("watchio done", 4)
      assert.equal(0, uv.kill(holder, "sigkill"))
      watchio:ends_with(0)
      assert.is_nil(watchio.err:find("error", 1, true))
    end)

    it("at once on a second TERM", function()
      local policy = [[
        watch { tonumber(args[1]), on_start =
          run { "sh", "-c", "trap '' TERM; echo running; while :; do sleep 0.05; done" } }
      ]]
      local watchio = e2e.watchio { "run", "-e", policy, e2e.echoer().pid }
      watchio:says("running")
      watchio:signals("sigterm")
      local first = uv.hrtime()
      local again = uv.new_timer()
      again:start(200, 0, function() watchio:signals("sigterm") end)
      watchio:ends()
      again:close()
      assert.is_true(uv.hrtime() - first < 3e9) -- the first alone waits five seconds before KILL
    end)

    local stubborn = "trap '' TERM; echo ready; read -r _"
    local commands = {
      run = function(pid)
        return e2e.watchio {
          "run",
          "-e",
          [[
          watch { tonumber(args[1]), every = "20ms", idle = "50ms",
            on_idle = kill { grace = "1s" } }
        ]],
          pid,
        }
      end,
      ["poll --kill"] = function(pid)
        return e2e.watchio { "poll", "--kill", "--timeout", "0.05", "--step", "0.02", pid }
      end,
    }
    for name, start in pairs(commands) do
      it(("on TERM after the kill that is under way: %s"):format(name), function()
        local target = e2e.start { "/bin/sh", "-c", stubborn, input = true }
        target:says("ready")
        local watchio = start(target.pid)
        watchio:says("kill  TERM")
        watchio:signals("sigterm")
        -- Its grace is ten seconds, so the second signal is needed. Which one comes first is open.
        if name == "poll --kill" then watchio:signals("sigint") end
        watchio:says("killed  KILL")
        local expected = name == "run" and { [0] = true } or { [143] = true, [130] = true }
        assert.is_true(expected[watchio:ends()])
        target:ends_with("signal 9")
      end)
    end

    it("with 3 when there is nothing to watch", function()
      local gone = e2e.shell("exit 0")
      gone:ends()
      local watchio = e2e.watchio { "run", "-e", ending, gone.pid }
      watchio:ends_with(3)
      assert.truthy(watchio.err:find(gone.pid, 1, true))
    end)
  end)

  describe("--json", function()
    it("writes one object a line, with the names of the manual", function()
      local target = e2e.echoer()
      local policy = [[
        watch { tonumber(args[1]), label = "it", every = "20ms", idle = "300ms",
          on_active = run { "true" }, on_idle = kill {} }
        print "for people"
      ]]
      local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
      watchio:tells("start", target.pid)
      target:writes("hello\n")
      local killed = watchio:tells("killed", target.pid)
      watchio:ends()
      local _, lines = watchio.out:gsub("\n", "")
      assert.equal(lines, #watchio:events())
      for _, event in ipairs(watchio:events()) do
        assert.truthy(event.time:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d"))
        assert.equal("it", event.watch)
        assert.same({ target.pid, target.name }, { event.target.pid, event.target.name })
        assert.same({ target.pid }, event.target.pids)
      end
      assert.is_true(watchio:events("active")[1].why.io.wchar >= 6)
      assert.is_true(watchio:events("idle")[1].idle_for >= 0.3)
      assert.equal("true", watchio:events("run")[1].command)
      assert.equal(0, watchio:events("done")[1].status)
      assert.truthy(killed.seconds)
      assert.truthy(watchio.err:find("for people", 1, true))
    end)

    it("goes on when nobody reads it any more", function()
      local target = e2e.echoer()
      e2e.shell('"$1" run --json -e "$2" $3 | head -n 1', e2e.program, ending, target.pid)
      target:ends_with("signal 15")
    end)
  end)

  it("goes on and ends though a command floods the output that nobody reads", function()
    local policy = [[
      after(0, "yes") after(0, "yes >&2")
      every("1ms", function() print "tick" end)
      after("500ms", function() quit(7) end)
    ]]
    local script =
      [[ { "$1" run -e "$2" 2>&1; echo $? >"$3"; } | { read -r _; read -r _ <"$4"; } ]]
    local folder = e2e.folder()
    local ended, fifo = folder .. "/ended", folder .. "/fifo"
    e2e.start({ "mkfifo", fifo }):ends_with(0)
    local shell = e2e.shell(script, e2e.program, policy, ended, fifo)
    e2e.within(10, "watchio's end", function() return (e2e.read(ended) or "") ~= "" end)
    assert.equal("7\n", e2e.read(ended))
    e2e.start { "sh", "-c", 'echo >"$1"', "sh", fifo }
    shell:ends()
  end)

  it("--dry-run tells all and does nothing", function()
    local target, trace = e2e.echoer(), e2e.folder() .. "/trace"
    local policy = [[
      local target, trace = table.unpack(args)
      watch { tonumber(target), every = "20ms", idle = "100ms",
        on_start = run { "touch", trace }, on_idle = kill {} }
      after("500ms", function() quit(0) end)
    ]]
    local watchio =
      e2e.watchio { "run", "--dry-run", "--json", "-e", policy, target.pid, trace }
    watchio:ends_with(0)
    assert.is_true(watchio:tells("run").dry)
    assert.is_true(watchio:tells("kill").dry)
    assert.is_nil(e2e.read(trace))
    assert.is_true(e2e.alive(target.pid))
  end)

  it("finds its own modules whatever LUA_PATH says", function()
    local nowhere = { LUA_PATH = "/nowhere/?.lua", LUA_CPATH = "/nowhere/?.so" }
    local policy = "print(package.path) after('10ms', function() quit(7) end) after(0, log 'x')"
    local watchio = e2e.watchio { "run", "--json", "-e", policy, env = nowhere }
    watchio:ends_with(7)
    assert.equal("x", watchio:events("log")[1].message)
    assert.equal("/nowhere/?.lua;", watchio.err:sub(1, 15))
  end)

  it("goes on with its log once a full disk has room again, and says what was lost", function()
    local folder = e2e.folder()
    local mount = ("mount -t tmpfs -o size=64k none %s 2>/dev/null"):format(folder)
    if not e2e.is_root or not os.execute(mount) then
      return pending("needs root, to mount a tmpfs")
    end
    local _ <close> = setmetatable({}, {
      __close = function() os.execute("umount -l " .. folder) end,
    })
    local function fill(name, kilobytes)
      e2e.write(folder .. "/" .. name, ("x"):rep(kilobytes * 1024))
    end
    fill("filler", 48)
    local script = 'exec "$1" run -e \'local line = ("y"):rep(1000) '
      .. 'local n = 0 every("10ms", function() n = n + 1 print(n, line) end)\' >"$2"/log'
    local watchio = e2e.shell(script, e2e.program, folder)
    local function size() return assert(uv.fs_stat(folder .. "/log")).size end
    e2e.within(10, "a full disk", function() -- which has taken a part of a line
      return uv.fs_statfs(folder).bfree == 0 and size() % 4096 == 0
    end)
    local full = size()
    assert(uv.fs_unlink(folder .. "/filler"))
    watchio:until_it("more of the log", function() return size() > full + 4000 end)
    watchio:signals "sigterm"
    watchio:ends_with(0)
    local text = e2e.read(folder .. "/log")
    local lost = tonumber(
      text:match(
        "\nwatchio: the output of print had no room for a while: "
          .. "(%d+) lines? of it %([%d.]+ k?B%) are lost\n"
      )
    )
    local numbers = {}
    for number in text:gmatch "\n(%d+)\t" do
      numbers[#numbers + 1] = tonumber(number)
    end
    assert(lost and lost >= 1, text:gsub("y+", "y"))
    assert.is_true(
      numbers[#numbers] - #numbers - 1 <= lost,
      numbers[#numbers] .. " " .. #numbers
    )
  end)

  it("leaves no zombies as a container's first process, and still hears of its own", function()
    local argv =
      { "/usr/bin/env", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child" }
    if not os.execute(table.concat(argv, " ") .. " true 2>/dev/null") then
      return pending("needs unshare --pid: root, of util-linux")
    end
    local policy = [[
      after(0, { "(sleep 0.05 &); (setsid sleep 0.05 &); sleep 0.2", "ps -eo stat=,args=",
        function() quit(7) end })]]
    table.move({ e2e.program, "run", "-e", policy }, 1, 4, #argv + 1, argv)
    local watchio = e2e.start(argv)
    watchio:ends_with(7)
    assert.matches("watchio run", watchio.out)
    assert.is_nil(watchio.out:find("\nZ"), watchio.out)
    assert.equal(2, select(2, watchio.err:gsub("%(status 0, ", "")))
  end)

  it("says in one line that there are too few descriptors", function()
    for _, limit in ipairs { 5, 8, 12 } do
      local watchio =
        e2e.shell('ulimit -n "$1"; exec "$2" run -e "after(0, \'true\')"', limit, e2e.program)
      watchio:ends_with(125)
      assert.matches("^watchio: too few descriptors[^\n]*\n$", watchio.err)
    end
  end)

  it("works from any folder", function()
    local policy = "print 'here' after('10ms', function() quit(0) end)"
    local watchio = e2e.watchio { "run", "-e", policy, cwd = "/" }
    watchio:ends_with(0)
    assert.equal("here\n", watchio.out)
  end)
end)

describe("watchio check", function()
  after_each(e2e.finish)

  it("shows the watches and what matches now, and starts nothing", function()
    local target, trace = e2e.echoer(), e2e.folder() .. "/trace"
    local policy = e2e.policy(([[
      watch { %q, label = "mine", idle = "1h30m", on_start = run { "touch", %q } }
    ]]):format(target.name, trace))
    local watchio = e2e.watchio { "check", policy }
    watchio:ends_with(0)
    for _, text in ipairs { "mine", target.name, "1h30m", "on_start", tostring(target.pid) } do
      assert.truthy(watchio.out:find(text, 1, true), text .. " in:\n" .. watchio.out)
    end
    assert.is_nil(e2e.read(trace))
  end)
end)
