-- SPDX-License-Identifier: MIT
-- Commands and handlers that misbehave: reported, ended as asked, and nothing else waits for them.
local e2e = require "spec.e2e.support"
local uv = require "luv"

-- A policy with one action at the start of the target, and a beat that shows that the loop lives.
local function start_with(action, target, ...)
  local policy = ([[
    watch { tonumber(args[1]), every = "20ms", idle = "1h", on_start = %s }
    every("50ms", function() print "beat" end)
  ]]):format(action)
  return e2e.watchio { "run", "--json", "-e", policy, target.pid, ... }
end

local function beats(watchio) return select(2, watchio.err:gsub("beat\n", "")) end

local function assert_loop_lives(watchio)
  local before = beats(watchio)
  watchio:until_it("three more beats", function() return beats(watchio) >= before + 3 end)
end

describe("a command", function()
  after_each(e2e.finish)

  it("that cannot be started is named", function()
    local watchio = start_with("run { '/no/such/program' }", e2e.echoer())
    local event = watchio:tells("error")
    assert.truthy((event.command .. event.reason):find("/no/such/program", 1, true))
    assert_loop_lives(watchio)
  end)

  it("that fails is told with its status", function()
    local watchio = start_with("run 'exit 3'", e2e.echoer())
    assert.equal(3, watchio:tells("done").status)
  end)

  it("knows what happened from its environment", function()
    local target = e2e.echoer()
    local watchio = start_with(
      "run 'echo $WATCHIO_EVENT $WATCHIO_PID $WATCHIO_PIDS $WATCHIO_NAME >&2'",
      target
    )
    watchio:says(("start %d %d %s\n"):format(target.pid, target.pid, target.name))
  end)

  it("that ignores TERM is killed after its timeout", function()
    local action = [[
      run { "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done", timeout = "200ms" }
    ]]
    local watchio = start_with(action, e2e.echoer())
    local event = watchio:tells("done", nil, 15)
    assert.equal("KILL", event.signal)
    assert_loop_lives(watchio)
  end)

  it("that forks and exits leaves nothing behind", function()
    local watchio = start_with("run 'sleep 1003 & echo child $! >&2'", e2e.echoer())
    local child = tonumber(watchio:says("child (%d+)"))
    watchio:until_it("the end of the child", function() return not e2e.alive(child) end)
    assert_loop_lives(watchio)
  end)

  -- Each ends its leader at once, and leaves a child with a process group of its own.
  local LEFT <const> = {
    ["by timeout"] = "timeout 1005 sleep 1005 & sleep 0.2",
    ["by a shell with job control"] = "bash -c 'set -m; sleep 1005 & disown' || true",
  }
  for what, line in pairs(LEFT) do
    it("leaves nothing behind in a process group of its own: " .. what, function()
      if what:find "job" and not uv.fs_stat "/bin/bash" then return pending "needs bash" end
      local mark = ("WATCHIO_LEFT_%d"):format(uv.hrtime())
      local watchio = start_with(
        ("run { 'sh', '-c', %q, env = { %s = '1' } }"):format(line, mark),
        e2e.echoer()
      )
      watchio:tells("done")
      assert.same({}, e2e.carriers(mark))
    end)
  end

  it("is restarted without leaving anything of the one before", function()
    local mark = ("WATCHIO_LEFT_%d"):format(uv.hrtime())
    local policy = ([[
      watch { tonumber(args[1]), every = "20ms", idle = "1h", while_active = { every = "100ms",
        run { "timeout", "1006", "sleep", "1006", busy = "restart", env = { %s = "1" } } } }
    ]]):format(mark)
    local target = e2e.echoer()
    local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
    watchio:tells("start", target.pid)
    target:writes("hello\n")
    watchio:until_it("the third run", function() return #watchio:events("run") >= 3 end)
    watchio:until_it("one of them", function()
      local left = e2e.carriers(mark) -- timeout and its child
      return not next(left, next(left, next(left)))
    end)
    watchio:signals("sigterm")
    watchio:ends_with(0)
    assert.same({}, e2e.carriers(mark))
  end)

  it("that makes a session of its own may stay", function()
    local watchio =
      start_with("run 'setsid sleep 1007 & echo child $! >&2; sleep 0.3'", e2e.echoer())
    local child = tonumber(watchio:says("child (%d+)"))
    watchio:tells("done")
    assert.is_true(e2e.alive(child))
    uv.kill(child, "sigkill")
  end)

  it("that floods its output blocks nothing", function()
    local target = e2e.echoer()
    local watchio = start_with("run { 'yes', timeout = '500ms' }", target)
    watchio:tells("done")
    assert.is_true(beats(watchio) >= 5)
    target:writes("hello\n")
    watchio:tells("active", target.pid)
  end)

  it("is not run again while it runs", function()
    local policy = [[
      watch { tonumber(args[1]), every = "20ms", idle = "1h",
        while_active = { every = "50ms", run { "sleep", "1004" } } }
    ]]
    local target = e2e.echoer()
    local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
    watchio:tells("start", target.pid)
    target:writes("hello\n")
    watchio:tells("skip", target.pid)
    assert.equal(1, #watchio:events("run"))
  end)
end)

describe("a handler that raises", function()
  after_each(e2e.finish)

  local text = [[
    watch { tonumber(args[1]), every = "20ms", idle = "200ms",
      on_active = function(target)
        error("oh no")
      end,
      on_exit = function() quit(0) end }
  ]]

  local function raise(...)
    local target, policy = e2e.echoer(), e2e.policy(text)
    local argv = { "run", "--json", ... }
    argv[#argv + 1], argv[#argv + 2] = policy, target.pid
    local watchio = e2e.watchio(argv)
    watchio:tells("start", target.pid)
    target:writes("hello\n")
    local event = watchio:tells("error", target.pid)
    assert.truthy(event.reason:find("policy.lua:3: oh no", 1, true), event.reason)
    return watchio, target
  end

  it("is told with its line, and the rest goes on", function()
    local watchio, target = raise()
    watchio:says("lua/watchio/[%w_/]+%.lua:%d+")
    watchio:tells("idle", target.pid)
    target:signals("sigterm")
    watchio:ends_with(0)
  end)

  it("ends all with status 5 under --strict", function() raise("--strict"):ends_with(5) end)
end)
