-- SPDX-License-Identifier: MIT
local uv = require "luv"
local sessions = require "spec.support.sessions"

local TERM, KILL = uv.constants.SIGTERM, uv.constants.SIGKILL

-- Calls of one action at given times, on commands that only end when they are told to.
local it_session = sessions.fixture()

local function act(options)
  table.insert(options, 1, "make")
  return it_session.verbs.run(options)
end

-- Calls it after so many seconds each.
local function call(action, ...)
  for _, seconds in ipairs { ... } do
    it_session.verbs.after(seconds, action)
  end
end

local function command(number) return it_session.commands[number] end

-- "1 run, 2 skip it still runs, …": when what was told, with its reason.
local function told()
  local lines = {}
  for index, record in ipairs(it_session.records) do
    local reason = record.reason and " " .. record.reason or ""
    lines[index] = ("%g %s%s"):format(record.at, record.event, reason)
  end
  return lines
end

describe("run with busy =", function()
  it([["skip" skips while it runs, and runs again when it has ended]], function()
    call(act { busy = "skip" }, 1, 2, 4)
    it_session:advance "3s"
    command(1).finish()
    it_session:advance "2s"
    assert.same({ "1 run", "2 skip it still runs", "3 done", "4 run" }, told())
  end)

  it([["queue" keeps the latest for when it has ended]], function()
    call(act { busy = "queue" }, 1, 2, 3)
    it_session:advance "4s"
    command(1).finish()
    command(2).finish()
    assert.same(
      { "1 run", "3 skip a later event took its place", "4 done", "4 run", "4 done" },
      told()
    )
  end)

  it([["restart" ends the running one, then runs with the latest event]], function()
    call(act { busy = "restart" }, 1, 2, 3)
    it_session:advance "4s"
    assert.same({ TERM }, command(1).signals)
    assert.is_nil(command(2))
    command(1).finish(0, TERM)
    it_session:advance "1s"
    assert.same(
      { "1 run", "3 skip a later event took its place", "4 done restarted", "4 run" },
      told()
    )
  end)

  it([["restart" kills what does not end within five seconds]], function()
    call(act { busy = "restart" }, 1, 2)
    it_session:advance "8s"
    assert.same({ TERM, KILL }, command(1).signals)
    command(1).finish(0, KILL)
    assert.same({ "1 run", "8 done restarted", "8 run" }, told())
  end)

  it([["restart" takes no part of the one before for its own]], function()
    call(act { busy = "restart", timeout = "10s" }, 1, 2)
    it_session:advance "2s"
    command(1).finish(0, TERM)
    it_session:advance "9s" -- the first one would have timed out at 11
    assert.same({}, command(2).signals)
    it_session:advance "1s"
    assert.same({ TERM }, command(2).signals)
  end)

  it([["parallel" runs them beside each other]], function()
    call(act { busy = "parallel" }, 1, 2, 3)
    it_session:advance "3s"
    command(2).finish(1)
    command(1).finish()
    command(3).finish()
    assert.same({ "1 run", "2 run", "3 run", "3 done", "3 done", "3 done" }, told())
    assert.same(
      { 5002, 1 },
      { it_session:record("done").pid, it_session:record("done").status }
    )
  end)

  for busy, expected in pairs {
    skip = { "1 run", "2 skip it still runs", "9 done timed out after 8s" },
    queue = { "1 run", "9 done timed out after 8s", "9 run" },
    parallel = { "1 run", "2 run", "9 done timed out after 8s" },
  } do
    it(("%q is free after a timeout"):format(busy), function()
      call(act { busy = busy, timeout = "8s" }, 1, 2)
      it_session:advance "9s"
      assert.same({ TERM }, command(1).signals)
      command(1).finish(0, TERM)
      assert.same(expected, told())
    end)
  end
end)

describe("an action that runs", function()
  it("says what is not as usual", function()
    local made = act { busy = "queue", cooldown = "10m", timeout = "1h", retry = { times = 3 } }
    assert.equal("run make (queue, cooldown 10m, timeout 1h, 3 retries)", tostring(made))
    assert.equal("run make", tostring(act { busy = "skip" }))
  end)
end)

describe("the cooldown of a run", function()
  it("is counted from its end, and says when it is over", function()
    call(act { cooldown = "10m" }, 1, 100, 700, 701)
    it_session:advance "101s"
    command(1).finish()
    it_session:advance "10m"
    assert.same({
      "1 run",
      "100 skip it still runs",
      "101 done",
      "700 skip it may run again in 1s",
      "701 run",
    }, told())
  end)

  it("lets the latest of a queue in when it is over", function()
    call(act { cooldown = "10s", busy = "queue" }, 1, 2, 5, 6)
    it_session:advance "4s"
    command(1).finish()
    it_session:advance "9s"
    assert.is_nil(command(2))
    it_session:advance "1s"
    assert.same({
      "1 run",
      "4 done",
      "5 skip a later event took its place",
      "6 skip a later event took its place",
      "14 run",
    }, told())
  end)

  it("is not waited for by a restart, but by what comes after it", function()
    call(act { cooldown = "10s", busy = "restart" }, 1, 2, 4)
    it_session:advance "2s"
    command(1).finish(0, TERM)
    it_session:advance "1s"
    command(2).finish()
    it_session:advance "2s"
    assert.same(
      { "1 run", "2 done restarted", "2 run", "3 done", "4 skip it may run again in 9s" },
      told()
    )
  end)

  it("is counted from the latest end of those in parallel", function()
    call(act { cooldown = "10s", busy = "parallel" }, 1, 2, 5, 13)
    it_session:advance "3s"
    command(1).finish()
    it_session:advance "10s"
    assert.same(
      { "1 run", "2 run", "3 done", "5 skip it may run again in 8s", "13 run" },
      told()
    )
  end)

  it("also follows a command that cannot be started", function()
    it_session.cannot_spawn = "no such file or directory"
    call(act { cooldown = "10s" }, 1, 2)
    it_session:advance "2s"
    assert.same({
      "1 error cannot start 'make': no such file or directory",
      "2 skip it may run again in 9s",
    }, told())
  end)
end)

describe("the retries of a run", function()
  it("come at doubled distances, so often and no more", function()
    call(act { retry = { times = 2, backoff = "2s" } }, 1)
    it_session:advance "1s"
    command(1).finish(1)
    it_session:advance "2s"
    command(2).finish(1)
    it_session:advance "4s"
    command(3).finish(1)
    it_session:advance "1h"
    assert.same(
      { "1 run", "1 done retry in 2s", "3 run", "3 done retry in 4s", "7 run", "7 done" },
      told()
    )
  end)

  it("end with the first success, and the action has then succeeded", function()
    local log = it_session.verbs.log
    call({ act { retry = { times = 5 } }, log "then" }, 1)
    it_session:advance "1s"
    command(1).finish(0, KILL)
    it_session:advance "1s"
    command(2).finish(0)
    it_session:advance "1h"
    assert.same({ "1 run", "1 done retry in 1s", "2 run", "2 done", "2 log" }, told())
  end)

  it("also follow a timeout and a command that cannot be started", function()
    call(act { retry = { times = 2 }, timeout = "5s" }, 1)
    it_session:advance "6s"
    command(1).finish(0, TERM)
    it_session.cannot_spawn = "argument list too long"
    it_session:advance "1s"
    it_session.cannot_spawn = nil
    it_session:advance "2s"
    command(2).finish(0)
    assert.same({
      "1 run",
      "6 done timed out after 5s, retry in 1s",
      "7 error cannot start 'make': argument list too long, retry in 2s",
      "9 run",
      "9 done",
    }, told())
  end)

  it("never wait longer than an hour", function()
    it_session.cannot_spawn = "no"
    call(act { retry = { times = 9, backoff = "20m" } }, 0)
    it_session:advance "9h"
    local reasons = {}
    for _, line in ipairs(told()) do
      reasons[#reasons + 1] = line:match("retry in (%S+)")
    end
    assert.same({ "20m", "40m", "1h", "1h", "1h", "1h", "1h", "1h", "1h" }, reasons)
  end)

  for busy, second in pairs {
    skip = "2 skip it still runs",
    parallel = "2 run",
    queue = "4 run",
    restart = "2 run",
  } do
    it(("keep the slot meanwhile: %q"):format(busy), function()
      call(act { busy = busy, retry = { times = 1, backoff = "3s" } }, 1, 2)
      it_session:advance "1s"
      command(1).finish(1)
      it_session:advance "3s"
      assert.same(second, told()[3])
      if busy == "restart" then
        it_session:advance "1h"
        assert.equal(2, #it_session.commands) -- the retry was given up
      end
    end)
  end

  it("are given up for a restart while one runs", function()
    call(act { busy = "restart", retry = { times = 3 } }, 1, 2)
    it_session:advance "2s"
    command(1).finish(0, TERM)
    command(2).finish(0)
    it_session:advance "1h"
    assert.same({ "1 run", "2 done restarted", "2 run", "2 done" }, told())
  end)
end)

describe("the end of watchio", function()
  local function finish()
    local over = false
    it_session.session:finish(function() over = true end)
    return function() return over end
  end

  for _, busy in ipairs { "skip", "queue", "restart", "parallel" } do
    it(("ends what runs with %q, and starts nothing that waits"):format(busy), function()
      call(act { busy = busy, cooldown = "5s", retry = { times = 3 }, timeout = "1h" }, 1, 2)
      it_session:advance "3s"
      local over = finish()
      for _, each in ipairs(it_session.commands) do
        assert.same({ TERM }, each.signals)
        assert.is_false(over())
        each.finish(0, TERM)
      end
      assert.is_true(over())
      it_session:advance "1h"
      assert.equal(busy == "parallel" and 2 or 1, #it_session.commands)
      assert.is_nil(it_session.session.monitor:due())
      assert.is_nil(table.concat(told(), "\n"):find("retry"))
    end)
  end

  it("gives up a wait for a retry or a cooldown", function()
    call(act { retry = { times = 3 } }, 1)
    call(act { busy = "queue", cooldown = "1h" }, 1, 2)
    it_session:advance "1s"
    command(1).finish(1)
    command(2).finish(0)
    it_session:advance "1500ms"
    command(3).finish(1)
    assert.is_true(finish()())
    it_session:advance "2h"
    assert.equal(3, #it_session.commands)
    assert.is_nil(it_session.session.monitor:due())
  end)
end)

describe("what a command gets", function()
  local function environment_of(number)
    local values = {}
    for _, pair in ipairs(command(number).options.env) do
      local name, value = pair:match("^(.-)=(.*)$")
      values[name] = value
    end
    return values
  end

  it("is the event on its standard input, as --json tells it", function()
    it_session.proc:add(10, { name = 'we"b\n' })
    it_session.verbs.watch { 10, label = "pages", on_start = act { stdin = "json" } }
    it_session:advance "1s"
    local text = command(1).options.input
    local event = require("dkjson").decode(text)
    assert.same(
      { "start", "pages", 10, 'we"b\n', { 10 } },
      { event.event, event.watch, event.target.pid, event.target.name, event.target.pids }
    )
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT", event.time)
    assert.matches("^[^\n]+\n$", text)
  end)

  it(
    "is nothing on its standard input by default, and its output where watchio writes",
    function()
      call(act {}, 1)
      it_session:advance "1s"
      local options = command(1).options
      assert.same({ nil, "terminal", 1 }, { options.input, options.output, options.terminal })
    end
  )

  it("is ten thousand pids at most", function()
    local environment = require "watchio.command.environment"
    local pids = {}
    for index = 1, 20000 do
      pids[index] = 4000000 + index
    end
    local list = environment.of(
      nil,
      {},
      { pid = 4000001, pids = pids, name = "x", label = "y" }
    )
    for _, pair in ipairs(list) do
      assert.is_true(#pair < 131072)
      if pair:find("^WATCHIO_PIDS=") then assert.equal(" 4010000", pair:sub(-8)) end
    end
  end)

  it("is a login's environment when it runs as somebody else", function()
    local environment = require "watchio.command.environment"
    uv.os_setenv("WATCHIO_SECRET", "x")
    local user = { name = "alice", uid = 1000, home = "/home/alice", shell = "" }
    local seen = {}
    for _, pair in ipairs(environment.of(user, { LANG = "C" })) do
      local name, value = pair:match("^(.-)=(.*)$")
      seen[name] = value
    end
    uv.os_unsetenv("WATCHIO_SECRET")
    assert.same({
      HOME = "/home/alice",
      SHELL = "/bin/sh",
      USER = "alice",
      LOGNAME = "alice",
      PATH = "/usr/local/bin:/usr/bin:/bin",
      LANG = "C",
      TERM = os.getenv("TERM"),
      WATCHIO_EVENT = "",
      WATCHIO_WATCH = "",
      WATCHIO_PID = "",
      WATCHIO_PIDS = "",
      WATCHIO_NAME = "",
    }, seen)
  end)

  it("is the same for what a watch spawns", function()
    it_session.verbs.watch {
      label = "mine",
      spawn = {
        "server",
        cwd = "/srv",
        env = { PORT = "80" },
        output = "log",
      },
    }
    it_session:advance "1s"
    local options, env = command(1).options, environment_of(1)
    assert.same(
      { "/srv", "log", "80", "mine", "" },
      { options.cwd, options.output, env.PORT, env.WATCHIO_WATCH, env.WATCHIO_PID }
    )
    options.on_line("listening")
    local told_line = it_session:record("output")
    assert.same(
      { "mine", "server", command(1).pid, "listening" },
      { told_line.watch, told_line.command, told_line.pid, told_line.message }
    )
  end)
end)
