-- SPDX-License-Identifier: MIT
local exec = require "watchio.jobs.exec"
local sessions = require "spec.support.sessions"
local uv = require "luv"

local SECOND = 1000000000
local C = uv.constants

-- A reaper that is only tables: signals and changes are put into its queues.
local function fake_reaper(it)
  local reaper = { signals = {}, changes = {}, killed = {}, stops = 0, children = 1 }
  function reaper.start() return 10 end
  function reaper.signal() return table.unpack(table.remove(reaper.signals, 1) or {}) end
  function reaper.change()
    local change = table.remove(reaper.changes, 1)
    if change then return table.unpack(change) end
    if reaper.children == 0 then return false end
  end
  function reaper.stop() reaper.stops = reaper.stops + 1 end
  function reaper.kill(_, number)
    if number == 0 then return {} end
    reaper.killed[#reaper.killed + 1] = number
    reaper.children = 0
  end
  function reaper.spent() return { rchar = 7, cpu = 0.5 } end
  it.proc:add(10, { name = "make", cmd = { "make", "-j2" } })
  return reaper
end

describe("exec", function()
  local it_session = sessions.fixture()
  local reaper, running, sent
  before_each(function()
    sent = {}
    reaper = fake_reaper(it_session)
  end)

  local function start(options)
    options.argv = { "make", "-j2" }
    options.grace_ns = options.grace_ns or 10 * SECOND
    options.every_ns = SECOND
    running = assert(
      exec.start(
        it_session.session,
        reaper,
        options,
        function(pid, number) sent[#sent + 1] = { pid, number } end
      )
    )
  end

  local function child(...)
    reaper.changes[#reaper.changes + 1] = { ... }
    running:hear()
  end

  local function signal(...)
    reaper.signals[#reaper.signals + 1] = { ... }
    running:hear()
  end

  local function finish(pid)
    it_session.proc:finish(pid)
    reaper.children = reaper.children - 1
    reaper.changes[#reaper.changes + 1] = { pid, "killed", C.SIGTERM }
    running:hear()
  end

  -- The command ends by a signal.
  local function obeys(number)
    it_session.on_signal = function(pid, got)
      if got == number then finish(pid) end
      return true
    end
  end

  local function status() return it_session.session.status end

  it("ends the command once nothing of it was active for as long as it may be", function()
    obeys(C.SIGTERM)
    start { idle_ns = 60 * SECOND }
    it_session:advance(30)
    it_session.proc:move(10, { wchar = 1000000 })
    it_session:advance(60)
    assert.is_nil(it_session:record("limit"))
    it_session:advance(5)
    local limit = it_session:record("limit")
    assert.equal("idle", limit.reason)
    assert.near(60, limit.idle_for, 0.001)
    assert.same({ io = 1000000 }, limit.moved)
    assert.same({ { pid = 10, name = "make", cmd = "make -j2" } }, limit.processes)
    assert.equal(124, status())
  end)

  it("never ends it for idleness where none is given", function()
    start {}
    it_session:advance("12h")
    assert.is_nil(it_session:record("limit"))
  end)

  it("ends it when it has run for too long, with KILL after the grace", function()
    obeys(C.SIGKILL)
    start { max_ns = 5 * SECOND, grace_ns = 2 * SECOND }
    for _ = 1, 6 do
      it_session.proc:move(10, { wchar = 1000000 })
      it_session:advance(1)
    end
    assert.equal("max", it_session:record("limit").reason)
    assert.is_nil(status())
    it_session:advance(2)
    assert.equal(124, status())
    assert.equal("KILL", it_session:record("killed").signal)
  end)

  it("lets no clock go on while the command is stopped", function()
    obeys(C.SIGTERM)
    start { idle_ns = 60 * SECOND, max_ns = 600 * SECOND }
    it_session:advance(30)
    child(10, "stopped", C.SIGTSTP)
    assert.equal(1, reaper.stops)
    it_session:advance("2h")
    assert.is_nil(it_session:record("limit"))
    child(10, "continued")
    it_session:advance(29)
    assert.is_nil(it_session:record("limit"))
    it_session:advance(2)
    assert.equal("idle", it_session:record("limit").reason)
  end)

  it("counts only the time that it ran towards --max", function()
    obeys(C.SIGTERM)
    start { max_ns = 60 * SECOND }
    it_session:advance(40)
    child(10, "stopped", C.SIGSTOP)
    assert.equal(1, reaper.stops)
    it_session:advance("1h")
    child(10, "continued")
    it_session:advance(19)
    assert.is_nil(it_session:record("limit"))
    it_session:advance(2)
    assert.equal("max", it_session:record("limit").reason)
  end)

  it("takes an orphan that has ended for active until then", function()
    obeys(C.SIGTERM)
    start { idle_ns = 60 * SECOND }
    it_session:advance(50)
    child(99, "exited", 0)
    it_session:advance(58)
    assert.is_nil(it_session:record("limit"))
    it_session:advance(3)
    assert.equal("idle", it_session:record("limit").reason)
  end)

  it("never takes what cannot be read for idle", function()
    start { idle_ns = 60 * SECOND }
    it_session:advance(10)
    it_session.proc:deny(10)
    it_session:advance("1h")
    assert.is_nil(it_session:record("limit"))
    assert.truthy(it_session:record("unreadable"))
    it_session.proc:allow(10)
    it_session:advance(59)
    assert.is_nil(it_session:record("limit"))
    it_session:advance(3)
    assert.equal("idle", it_session:record("limit").reason)
  end)

  it("sweeps up what nobody has seen", function()
    it_session.on_signal = function(pid)
      finish(pid)
      return true
    end
    start { max_ns = SECOND }
    reaper.children = 2
    it_session:advance(2)
    assert.same({ C.SIGKILL }, reaper.killed)
    assert.equal(124, status())
  end)

  it("gives no more grace when it is interrupted meanwhile", function()
    obeys(C.SIGKILL)
    start { max_ns = SECOND, grace_ns = 3600 * SECOND }
    it_session:advance(2)
    assert.is_nil(status())
    signal(C.SIGINT)
    it_session:advance(1)
    assert.equal(124, status())
  end)

  it("goes on when the command may not be ended, and ends with its status", function()
    it_session.on_signal = function() return nil, "it is pid 1", "EPERM" end
    start { max_ns = SECOND }
    it_session:advance(3)
    assert.truthy(it_session:record("refused"))
    assert.is_nil(status())
    it_session.proc:finish(10)
    reaper.children = 0
    child(10, "exited", 5)
    it_session:advance(1)
    assert.equal(5, status())
  end)

  it("leaves behind what the command leaves behind", function()
    start {}
    it_session:advance(1)
    it_session.proc:add(11, { name = "daemon", ppid = 10 })
    it_session:advance(2)
    it_session.proc:finish(10)
    child(10, "exited", 3)
    it_session:advance(1)
    assert.equal(3, status())
    assert.equal("", it_session:told { "kill" })
    local summary = it_session:record("summary")
    assert.equal(1, summary.left)
    assert.is_nil(summary.started) -- nobody tells of births here
    assert.equal(2, summary.seen)
    assert.equal(2, summary.most)
  end)

  it("sums up what was waited for", function()
    start {}
    it_session:advance(10)
    it_session.proc:finish(10)
    reaper.children = 0
    child(10, "killed", C.SIGINT)
    it_session:advance(1)
    local summary = it_session:record("summary")
    assert.equal(130, status())
    assert.equal("INT", summary.signal)
    assert.equal(7, summary.total.rchar)
    assert.near(10, summary.seconds, 0.001)
    assert.near(10, summary.longest_quiet, 1)
    assert.equal(0, summary.left)
  end)

  local outsider = 4000

  local signals = {
    { "from a process", { C.SIGTERM, outsider }, { 10, C.SIGTERM } },
    { "of the terminal", { C.SIGINT }, nil },
    { "of a window that changes", { C.SIGWINCH }, nil },
    { "of a timer that the caller left", { C.SIGALRM }, { 10, C.SIGALRM } },
    { "that its own process sends to all", { C.SIGTERM, 10 }, nil },
    { "that a grandchild sends to all", { C.SIGTERM, 11 }, nil },
    { "to go on, while it runs", { C.SIGCONT, outsider }, nil },
    { "of a child", { C.SIGCHLD, 10 }, nil },
  }
  for _, case in ipairs(signals) do
    local name, got, passed = table.unpack(case, 1, 3)
    it(("%s a signal %s"):format(passed and "passes on" or "keeps", name), function()
      start {}
      it_session.proc:add(11, { ppid = 10 })
      it_session.proc:add(outsider, {})
      it_session:advance(1)
      signal(table.unpack(got))
      assert.same({ passed }, sent)
    end)
  end

  it("has a stopped command go on when it was told to itself", function()
    start {}
    it_session.proc.processes[10].state = "T"
    it_session.proc:write_stat(10)
    signal(C.SIGCONT, outsider)
    assert.same({ { 10, C.SIGCONT } }, sent)
  end)

  describe("ends with 125, and leaves the command alone, where it fails itself", function()
    local function breaks() error "broken" end

    local function has_failed()
      assert.equal(125, status())
      assert.matches("broken\nstack traceback:", running.failed)
      assert.same({}, it_session.signals)
      assert.same({}, reaper.killed)
    end

    it("as it hears of a child", function()
      start {}
      reaper.change = breaks
      running:hear()
      has_failed()
    end)

    it("as the command ends", function()
      start {}
      reaper.spent = breaks
      reaper.children = 0
      child(10, "exited", 0)
      has_failed()
    end)

    it("as its watch receives an event", function()
      start {}
      it_session.session.on_record = function(record)
        if record.event == "start" then breaks() end
      end
      it_session:advance(1)
      has_failed()
    end)

    it("at an alarm", function()
      start { max_ns = SECOND }
      local record = it_session.session.record
      it_session.session.record = function(...)
        if select(2, ...) == "limit" then breaks() end
        return record(...)
      end
      it_session:advance(2)
      has_failed()
    end)

    it("as it ends the command", function()
      start { max_ns = SECOND }
      it_session.session.pin = breaks
      it_session:advance(2)
      assert.equal(125, status())
      assert.matches("broken", running.failed)
    end)
  end)
end)
