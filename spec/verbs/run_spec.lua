-- SPDX-License-Identifier: MIT
local uv = require "luv"
local sessions = require "spec.support.sessions"

local TERM, KILL = uv.constants.SIGTERM, uv.constants.SIGKILL

describe("run", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10, { name = "web" }) end)

  local function verbs() return it_session.verbs end

  -- A watch whose action is done every second.
  local function every_second(action) verbs().every("1s", action) end

  local function argv(number) return it_session.commands[number].options.argv end

  it("runs a string through the shell and a list as it is", function()
    verbs().after("1s", "make all")
    verbs().after("2s", verbs().run { "make", "all", "-k" })
    it_session:advance("2s")
    assert.same({ "/bin/sh", "-c", "make all" }, argv(1))
    assert.same({ "make", "all", "-k" }, argv(2))
  end)

  it("tells the command what happened, in its environment", function()
    verbs().watch {
      10,
      label = "pages",
      on_start = verbs().run { "x", env = { COLOUR = "red" } },
    }
    it_session:advance("1s")
    local env = {}
    for _, pair in ipairs(it_session.commands[1].options.env) do
      local name, value = pair:match("^(.-)=(.*)$")
      env[name] = value
    end
    assert.same({ "start", "pages", "10", "10", "web", "red" }, {
      env.WATCHIO_EVENT,
      env.WATCHIO_WATCH,
      env.WATCHIO_PID,
      env.WATCHIO_PIDS,
      env.WATCHIO_NAME,
      env.COLOUR,
    })
    assert.equal(os.getenv("PATH"), env.PATH)
  end)

  it("tells how the command ended", function()
    verbs().after("1s", "make all")
    it_session:advance("3s")
    it_session.commands[1].finish(2)
    local done = it_session:record("done")
    assert.same({ "make all", 2, 2.0 }, { done.command, done.status, done.seconds })
  end)

  it("tells the signal that ended the command", function()
    verbs().after("1s", "make all")
    it_session:advance("3s")
    it_session.commands[1].finish(0, TERM)
    assert.equal("TERM", it_session:record("done").signal)
    assert.is_nil(it_session:record("done").status)
  end)

  it("skips while its command still runs", function()
    every_second("make")
    it_session:advance("3s")
    assert.equal("run skip skip", it_session:told())
    it_session.commands[1].finish()
    it_session:advance("1s")
    assert.equal("run skip skip done run", it_session:told())
  end)

  it("queues exactly one: the latest", function()
    every_second(verbs().run { "make", busy = "queue" })
    it_session:advance("4s")
    assert.equal("run skip skip", it_session:told())
    it_session.commands[1].finish()
    assert.equal("run skip skip done run", it_session:told())
    it_session.commands[2].finish()
    assert.equal(2, #it_session.commands)
  end)

  it("ends a command that takes too long: TERM, and KILL after five seconds", function()
    verbs().after("1s", verbs().run { "make", timeout = "10s" })
    it_session:advance("11s")
    local command = it_session.commands[1]
    assert.same({ TERM }, command.signals)
    it_session:advance("4s")
    assert.same({ TERM }, command.signals)
    it_session:advance("2s")
    assert.same({ TERM, KILL }, command.signals)
    command.finish(0, KILL)
    it_session:advance("1s")
    assert.equal("timed out after 10s", it_session:record("done").reason)
  end)

  it("ends what a command leaves behind", function()
    verbs().after("1s", "daemon &")
    it_session:advance("1s")
    local command = it_session.commands[1]
    command.members = 2
    command.finish(0)
    assert.same({ TERM }, command.signals)
    assert.equal("run", it_session:told())
    it_session:advance("6s")
    assert.same({ TERM, KILL }, command.signals)
    command.members = 0
    it_session:advance("1s")
    assert.equal("run done", it_session:told())
    assert.is_nil(it_session.session.monitor:due())
  end)

  it("of a spawn that ends before it is seen has an exit all the same", function()
    local seen
    verbs().watch {
      spawn = { "/bin/server" },
      on_exit = function(target, event)
        seen = { target.name, target.pid, target.state, event.type }
      end,
    }
    it_session:advance("1s")
    assert.same({ "server", 5001, "exited", "exit" }, seen)
  end)

  it("names a command that cannot be started, and goes on", function()
    it_session.cannot_spawn = "no such file or directory"
    every_second(verbs().run { "nope", cwd = "/srv" })
    it_session:advance("2s")
    assert.equal("error error", it_session:told())
    assert.equal(
      "cannot start 'nope': no such file or directory (in '/srv')",
      it_session:record("error").reason
    )
  end)

  it("is not done while a policy loads", function()
    it_session.session:start_loading()
    local ok, message = pcall(verbs().run "make")
    assert.is_false(ok)
    assert.matches("no action runs while the policy loads", message)
  end)

  it("hides its command from every pattern while it runs", function()
    verbs().watch { name = "make" }
    verbs().after("1s", "make")
    it_session:advance("1s")
    local pid = it_session.commands[1].pid
    it_session.proc:add(pid, { name = "make" })
    it_session:advance("5s")
    assert.equal("missing run", it_session:told())
  end)
end)

describe("a list of actions", function()
  local it_session = sessions.fixture()

  it("runs in order, each after the one before has finished", function()
    it_session.verbs.after("1s", { "first", it_session.verbs.log "then", "second" })
    it_session:advance("5s")
    assert.equal("run", it_session:told())
    it_session.commands[1].finish(0)
    assert.equal("run done log run", it_session:told())
  end)

  it("ends at an action that fails", function()
    it_session.verbs.after("1s", { "save", it_session.verbs.log "saved" })
    it_session:advance("5s")
    it_session.commands[1].finish(1)
    assert.equal("run done", it_session:told())
  end)

  it("ends at a function that returns false, and at no other", function()
    local log = it_session.verbs.log
    local function refuse() return false end
    it_session.verbs.after("1s", { function() end, log "one", refuse, log "two" })
    it_session:advance("5s")
    assert.equal("log", it_session:told())
  end)

  it("lets a handler wait for a command", function()
    local result
    it_session.verbs.after("1s", function() result = it_session.verbs.run "make"() end)
    it_session:advance("1s")
    assert.is_nil(result)
    it_session.commands[1].finish(0)
    assert.is_true(result)
  end)
end)

describe("a dry run", function()
  local it_session = sessions.fixture { dry = true }

  it("tells what would be done and does none of it", function()
    local verbs = it_session.verbs
    it_session.proc:add(10)
    verbs.watch { 10, idle = "5s", on_idle = { "save", verbs.kill {} } }
    verbs.watch { spawn = { "server" } }
    it_session:advance("1m")
    assert.equal("run start idle run kill", it_session:told())
    for _, record in ipairs(it_session.records) do
      assert.is_true(record.dry)
    end
    assert.same({}, it_session.commands)
    assert.same({}, it_session.signals)
  end)
end)

describe("a session that ends", function()
  local it_session = sessions.fixture()

  it("ends its commands and what it spawned, then says so", function()
    it_session.verbs.watch { spawn = { "server" } }
    it_session.verbs.after("1s", "make")
    it_session:advance("2s")
    local ended = false
    it_session.session:finish(function() ended = true end)
    local server, make = table.unpack(it_session.commands)
    assert.same({ { TERM }, { TERM } }, { server.signals, make.signals })
    server.finish(0)
    assert.is_false(ended)
    it_session:advance("6s")
    assert.same({ TERM, KILL }, make.signals)
    make.finish(0, KILL)
    assert.is_true(ended)
  end)

  it("starts nothing new", function()
    local verbs = it_session.verbs
    it_session.proc:add(10)
    verbs.watch {
      10,
      on_start = function()
        verbs.run "make"()
        verbs.watch { spawn = { "server" } }
        assert.same({}, verbs.watch { 10, on_start = verbs.log "seen" }:targets())
        verbs.after("1s", verbs.log "later"):stop()
        verbs.every("1s", verbs.log "later")
        assert.is_false((verbs.run "more"()))
      end,
    }
    it_session:advance("1s")
    it_session.session:finish(function() end)
    it_session.commands[1].finish(0)
    it_session:advance("10s")
    assert.equal("start run done", it_session:told())
    assert.is_nil(it_session.session.monitor:due())
  end)

  it("starts no command that was queued", function()
    it_session.verbs.every("1s", it_session.verbs.run { "make", busy = "queue" })
    it_session:advance("2s")
    it_session.session:finish(function() end)
    it_session.commands[1].finish(0)
    assert.equal(1, #it_session.commands)
  end)
end)
