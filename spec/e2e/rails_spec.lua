-- SPDX-License-Identifier: MIT
-- kill and its siblings on real processes: stubborn, stopped, forking, renamed.
local e2e = require "spec.e2e.support"
local uv = require "luv"

-- $1 processes that all the time fork others, which stay.
local bomb = [[
  i=0
  while [ $i -lt "$1" ]; do
    (while :; do sleep 1000 & sleep 0.05; done) &
    i=$((i + 1))
  done
  echo ready
  while :; do sleep 0.05; done
]]

-- A policy that ends the pid in args[1] once it has been there for a while.
local function ending(options)
  return ([[
    watch { tonumber(args[1]), every = "20ms", idle = "1h", on_start = function(target)
      after("200ms", function() target:kill { %s } end)
    end }
  ]]):format(options or "")
end

local function state_of(pid)
  local stat = e2e.read(("/proc/%d/stat"):format(pid))
  return stat and stat:match(".*%) (%a)")
end

local function nice_of(pid)
  local values = {}
  for tid in uv.fs_scandir_next, (uv.fs_scandir(("/proc/%d/task"):format(pid))) do
    local stat = e2e.read(("/proc/%d/task/%s/stat"):format(pid, tid))
    local fields = {}
    for field in stat:match(".*%) (.*)"):gmatch("%S+") do
      fields[#fields + 1] = field
    end
    values[#values + 1] = tonumber(fields[17])
  end
  return values
end

describe("a kill", function()
  after_each(e2e.finish)

  for _, options in ipairs { 'grace = "0.3s"', 'signal = "KILL"' } do
    it("ends a tree that forks all the time, and nobody is left: " .. options, function()
      local mark = ("BOMB=%d"):format(uv.hrtime())
      local shell = e2e.start {
        "/bin/sh",
        "-c",
        bomb,
        "sh",
        50,
        env = { BOMB = mark:match("%d+") },
      }
      shell:says("ready", 30)
      local watchio = e2e.watchio { "run", "--json", "-e", ending(options), shell.pid }
      watchio:tells("killed", shell.pid, 30)
      assert.same({}, e2e.carriers(mark))
    end)
  end

  it("ends who ignores TERM with KILL, and a double fork's orphan with it", function()
    local shell = e2e.shell [[
      trap "" TERM
      (sleep 0.3; (exec sleep 1000) & echo orphan $!; sleep 0.3) &
      echo ready
      wait
      while :; do sleep 0.1; done
    ]]
    local orphan = tonumber(shell:says("orphan (%d+)"))
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", idle = "1h", on_start = function(target)
        after("1s", function() target:kill { grace = "200ms" } end)
      end }
    ]],
      shell.pid,
    }
    watchio:tells("killed", shell.pid)
    assert.is_false(e2e.alive(orphan))
    assert.equal("KILL", watchio:events("killed")[1].signal)
  end)

  it("ends what goes into the background by two forks, up to the last moment", function()
    if not e2e.births_are_told() then
      return pending("the kernel does not tell of births here")
    end
    local mark = ("DAEMON=%d"):format(uv.hrtime())
    local shell = e2e.start {
      "/bin/sh",
      "-c",
      [[
        read -r _
        while :; do (setsid sleep 1000 &); sleep 0.01; done
      ]],
      env = { DAEMON = mark:match("%d+") },
      input = true,
    }
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "1s", idle = "1h", on_start = function(target)
        local ending
        every("100ms", function()
          if #target.pids <= 10 or ending then return end
          ending = true
          target:kill()
        end)
      end }
    ]],
      shell.pid,
    }
    watchio:tells("start", shell.pid)
    shell:writes("go\n")
    watchio:tells("killed", shell.pid)
    assert.same({}, e2e.carriers(mark))
  end)

  it("has one that is stopped act on TERM", function()
    local shell =
      e2e.shell 'trap "echo bye; exit 7" TERM; echo ready; kill -STOP $$; sleep 1000'
    shell:says("ready")
    shell:until_it("its stop", function() return state_of(shell.pid) == "T" end)
    local watchio = e2e.watchio { "run", "--json", "-e", ending(), shell.pid }
    local killed = watchio:tells("killed", shell.pid)
    assert.equal("TERM", killed.signal)
    assert.is_true(killed.seconds < 5)
    shell:says("bye")
  end)

  it("refuses a target that holds somebody protected, and names it", function()
    local path, name = e2e.named("/bin/sleep")
    local shell = e2e.shell('"$1" 1000 & wait', path)
    local policy = ("protect { %q }"):format(name:sub(1, -2) .. "?") .. ending()
    local watchio = e2e.watchio { "run", "--json", "-e", policy, shell.pid }
    local refused = watchio:tells("refused", shell.pid)
    assert.matches(
      ("^%s%%[%%d+%%] of .* is protected by the policy$"):format(name),
      refused.reason
    )
    assert.same({}, watchio:events("kill"))
    assert.is_true(e2e.alive(shell.pid))
  end)

  -- As whoever runs it: which program in which folder, and whether it protects its tree.
  local function bearer(name, make, why)
    return function()
      if not e2e.is_root then return pending("needs root, to be two users") end
      local user <const> = 54321
      local folder = e2e.folder()
      make(folder .. "/" .. name, folder, user)
      local shell = e2e.start {
        "/bin/sh",
        "-c",
        '"$1" 1000 & wait',
        "sh",
        folder .. "/" .. name,
        uid = user,
        gid = user,
      }
      e2e.within(
        5,
        "its child",
        function()
          return e2e.read(("/proc/%d/task/%d/children"):format(shell.pid, shell.pid)) ~= ""
        end
      )
      local watchio = e2e.watchio { "run", "--json", "-e", ending(), shell.pid }
      if not why then
        watchio:tells("killed", shell.pid)
        return
      end
      local reason = watchio:tells("refused", shell.pid).reason
      assert.equal(("%s of user %d %s"):format(name, user, why), (reason:gsub("%[%d+%]", "")))
      assert.is_true(e2e.alive(shell.pid))
    end
  end

  local function copy(path) assert(uv.fs_copyfile("/bin/sleep", path)) end

  it(
    "spares nobody for a name that his own program has",
    bearer("init", function(path, folder, user)
      copy(path)
      assert(uv.fs_chown(path, user, user))
      assert(uv.fs_chown(folder, user, user))
    end)
  )

  it("spares a user's own session from his own watchio, by names alone", function()
    if not e2e.is_root then return pending("needs root, to be two users") end
    local user <const> = 54321
    for name, ends in pairs { ["gnome-shell"] = false, rsyslogd = true } do
      local path = e2e.folder() .. "/" .. name
      copy(path)
      assert(uv.fs_chown(path, user, user))
      local process = e2e.start { path, "1000", uid = user, gid = user }
      local watchio = e2e.start {
        e2e.public_program(),
        "run",
        "--json",
        "-e",
        ending(),
        process.pid,
        uid = user,
        gid = user,
        cwd = "/",
      }
      local event = watchio:tells(ends and "killed" or "refused", process.pid)
      if not ends then assert.matches("is protected as part of the session$", event.reason) end
      watchio:signals "sigterm"
    end
  end)

  it(
    "spares nobody for root's program where he could replace it",
    bearer("dockerd", function(path, folder, user)
      copy(path)
      assert(uv.fs_chown(folder, user, user))
    end)
  )

  it(
    "spares nobody for a name that his link has",
    bearer("init", function(path) assert(uv.fs_symlink("/bin/sleep", path)) end)
  )

  it(
    "spares him for a program of root's",
    bearer("dbus-daemon", copy, "is protected by its executable")
  )

  it("spares him for a program of root's that was replaced meanwhile", function()
    if not e2e.is_root then return pending("needs root, to be two users") end
    local path = e2e.folder() .. "/dockerd"
    copy(path)
    local daemon = e2e.start { path, "1000", uid = 54321, gid = 54321 }
    assert(uv.fs_unlink(path))
    copy(path)
    local watchio = e2e.watchio { "run", "--json", "-e", ending(), daemon.pid }
    assert.matches("by its executable$", watchio:tells("refused", daemon.pid).reason)
  end)

  it("refuses more than so many targets within a minute", function()
    local path, name = e2e.named("/bin/sleep")
    e2e.shell('for i in 1 2 3 4 5; do "$1" 1000 & done; wait', path)
    local policy = [[
      watch { args[1], per = "process", every = "20ms", on_start = kill { most = 3 } }
    ]]
    local watchio = e2e.watchio { "run", "--json", "-e", policy, name }
    watchio:until_it(
      "five answers",
      function() return #watchio:events("killed") + #watchio:events("refused") == 5 end
    )
    assert.equal(3, #watchio:events("killed"))
  end)

  for _, per in ipairs { "process", "name" } do
    it("spares what sleeps while its child computes, per = " .. per, function()
      local path, name = e2e.named("/bin/sh")
      local shell = e2e.shell([["$1" -c 'while :; do :; done' & wait]], path)
      local policy = ([[
        watch { tonumber(args[1]), per = %q, every = "50ms", idle = "500ms", on_idle = kill() }
      ]]):format(per)
      local watchio = e2e.watchio { "run", "--json", "-e", policy, shell.pid }
      local spared = watchio:tells("spared", shell.pid)
      assert.matches(
        ("^%s%%[%%d+%%], which it has started, is active$"):format(name),
        spared.reason
      )
      assert.same({}, watchio:events("kill"))
      assert.is_true(e2e.alive(shell.pid))
    end)
  end

  it("ends what sleeps once its child has been idle for as long", function()
    local shell = e2e.shell("sleep 1000 & echo $! ready; wait")
    local child = tonumber(shell:says("^(%d+) ready"))
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), per = "process", every = "50ms", idle = "500ms", on_idle = kill() }
    ]],
      shell.pid,
    }
    watchio:tells("killed", shell.pid)
    local idle, kill = watchio:events("idle")[1], watchio:events("kill")[1]
    assert.matches("^ended once sleep%[", watchio:events("log")[1].message)
    assert.is_true(kill.time > idle.time)
    assert.is_true(e2e.alive(child)) -- it is not of the target
    uv.kill(child, "sigkill")
  end)

  it("under way when watchio is told to end finds new descendants", function()
    local mark = ("LATE=%d"):format(uv.hrtime())
    local shell = e2e.start {
      "/bin/sh",
      "-c",
      [[
        trap "" TERM
        echo ready
        while :; do (trap "" TERM; while :; do sleep 0.05; done) & sleep 0.2; done
      ]],
      env = { LATE = mark:match("%d+") },
    }
    shell:says("ready")
    local watchio = e2e.watchio { "run", "--json", "-e", ending('grace = "1s"'), shell.pid }
    watchio:tells("kill", shell.pid)
    watchio:signals("sigterm")
    watchio:tells("killed", shell.pid)
    watchio:ends_with(0)
    assert.same({}, e2e.carriers(mark))
  end)
end)

describe("a job", function()
  after_each(e2e.finish)

  it("is told once that a nice value counts in its own session only, where it does", function()
    local is_on = e2e.read "/proc/sys/kernel/sched_autogroup_enabled" == "1\n"
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", on_start = { nice(5), nice(6) } }
    ]],
      e2e.echoer().pid,
    }
    watchio:until_it("both", function() return #watchio:events "nice" == 2 end)
    assert.equal(is_on and 1 or 0, #watchio:events "log")
    if is_on then assert.matches("^nice acts only among", watchio:events("log")[1].message) end
  end)

  local function stopped_by(policy)
    local path, name = e2e.named("/bin/sleep")
    local shell = e2e.shell('"$1" 1000 & echo "child $!"; wait', path)
    local child = tonumber(shell:says("child (%d+)"))
    local watchio = e2e.watchio { "run", "--json", "-e", policy, shell.pid }
    watchio:tells("stop", shell.pid)
    for _, pid in ipairs { shell.pid, child } do
      watchio:until_it("its stop", function() return state_of(pid) == "T" end)
    end
    return watchio, shell, child, name
  end

  local function assert_goes_on(watchio, shell, child)
    watchio:until_it(
      "both to go on",
      function() return state_of(shell.pid) ~= "T" and state_of(child) ~= "T" end
    )
  end

  it("that is stopped goes on with cont", function()
    local watchio, shell, child = stopped_by [[
      watch { tonumber(args[1]), every = "20ms", on_start = function(target)
        after("100ms", function() target:stop() end)
        after("600ms", function() target:cont() end)
      end }
    ]]
    watchio:tells("cont", shell.pid)
    assert_goes_on(watchio, shell, child)
  end)

  for _, signal in ipairs { "sigterm", "sigint", "sigquit" } do
    it("that is stopped goes on when watchio ends by " .. signal, function()
      local watchio, shell, child = stopped_by [[
        watch { tonumber(args[1]), every = "20ms", on_start = stop() }
      ]]
      watchio:signals(signal)
      watchio:ends()
      assert_goes_on(watchio, shell, child)
      assert.equal("watchio ends", watchio:events("cont")[1].reason)
    end)
  end

  it("that is stopped goes on when its watch stops", function()
    local watchio, shell, child = stopped_by [[
      local job = watch { tonumber(args[1]), every = "20ms", on_start = stop() }
      after("500ms", function() job:stop() end)
      after("1h", "true")
    ]]
    watchio:tells("cont", shell.pid)
    assert_goes_on(watchio, shell, child)
  end)

  it("gets the nice value and the I/O class in all its threads and processes", function()
    local job = e2e.start {
      e2e.lua,
      "-e",
      [[
        local uv = require "luv"
        local work = uv.new_work(function() return 1 end, function() end)
        for _ = 1, 4 do work:queue() end
        local child = uv.spawn("sleep", { args = { "1000" } }, function() end)
        print("child", child:get_pid())
        io.stdout:flush()
        uv.run()
      ]],
    }
    local child = tonumber(job:says("child\t(%d+)"))
    job:until_it("its threads", function() return #nice_of(job.pid) >= 5 end)
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", on_start = { nice(11), ionice("idle") } }
    ]],
      job.pid,
    }
    watchio:tells("ionice", job.pid)
    for _, pid in ipairs { job.pid, child } do
      for _, value in ipairs(nice_of(pid)) do
        assert.equal(11, value)
      end
      local shown = e2e.start { "ionice", "-p", pid }
      shown:ends_with(0)
      assert.equal("idle\n", shown.out)
    end
    assert.equal(11, watchio:events("nice")[1].nice)
    assert.equal("idle", watchio:events("ionice")[1].class)
  end)

  it("of one's own is not made nicer without the privilege, and that is told", function()
    if not e2e.is_root then return pending("needs root, to be another user") end
    local job = e2e.start { "/bin/sleep", "1000", uid = 65534, gid = 65534 }
    local watchio = e2e.start {
      e2e.public_program(),
      "run",
      "--json",
      "-e",
      [[
        watch { tonumber(args[1]), every = "20ms", on_start = { nice(5), nice(-5) } }
      ]],
      job.pid,
      uid = 65534,
      gid = 65534,
    }
    local refused = watchio:tells("refused", job.pid)
    assert.equal(1, #watchio:events("nice"))
    assert.equal(-5, refused.nice)
    assert.matches("CAP_SYS_NICE", refused.reason)
    assert.same({ 5 }, nice_of(job.pid))
  end)
end)
