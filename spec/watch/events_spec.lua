-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"

describe("a watch", function()
  local it_session = sessions.fixture()

  local function watch(options) return it_session.verbs.watch(options) end
  local function proc() return it_session.proc end

  it("tells of the processes that are there, and of those that come", function()
    proc():add(10, { name = "web" })
    watch { "web" }
    it_session:advance("2s")
    proc():add(11, { name = "web" })
    proc():add(12, { name = "db" })
    it_session:advance("2s")
    assert.equal("start start", it_session:told())
    assert.same(
      { 10, 11 },
      { it_session.records[1].target.pid, it_session.records[2].target.pid }
    )
  end)

  it("is active when a counter moves, and says which", function()
    proc():add(10)
    local seen
    watch { 10, on_active = function(_, event) seen = event end }
    it_session:advance("3s")
    proc():move(10, { wchar = 512, syscw = 2 })
    it_session:advance("3s")
    assert.equal("start active", it_session:told())
    assert.equal("active", seen.type)
    assert.same({ wchar = 512, syscw = 2 }, seen.why.io)
    assert.equal(512, seen.total.wchar)
  end)

  it("is idle after an hour, neither early nor an interval late", function()
    proc():add(10)
    watch { 10, every = "5s", idle = "1h" }
    it_session:advance("1s")
    proc():move(10, { rchar = 1 })
    it_session:advance("59m59s")
    assert.equal("start active", it_session:told())
    it_session:advance("10s")
    assert.equal("start active idle", it_session:told())
    local idle = it_session:record("idle")
    assert.is_true(idle.idle_for >= 3600 and idle.idle_for < 3605)
  end)

  it("is idle once per quiet period", function()
    proc():add(10)
    watch { 10, idle = "10s" }
    it_session:advance("1h")
    proc():move(10, { rchar = 1 })
    it_session:advance("1h")
    assert.equal("start idle active idle", it_session:told())
  end)

  it("is never idle while its counters cannot be read", function()
    proc():add(10)
    watch { 10, idle = "10s" }
    it_session:advance("5s")
    proc():deny(10)
    it_session:advance("1h")
    assert.equal("start unreadable", it_session:told())
    proc():allow(10)
    it_session:advance("5s")
    assert.equal("start unreadable readable", it_session:told())
    it_session:advance("1m")
    assert.equal("start unreadable readable idle", it_session:told())
  end)

  it("tells the exit, also of a zombie", function()
    proc():add(10)
    proc():add(11)
    watch { { 10, 11 } }
    it_session:advance("2s")
    proc():finish(10)
    proc():zombie(11)
    it_session:advance("2s")
    assert.equal("start start exit exit", it_session:told())
  end)

  it("tells a reused pid as another target", function()
    proc():add(10, { name = "web" })
    proc():add(4000, { name = "other" })
    watch { "web" }
    it_session:advance("2s")
    proc():finish(10)
    proc():add(10, { name = "web", start = 900 }) -- the pids have wrapped around
    it_session:advance("2s")
    assert.equal("start exit start", it_session:told())
  end)

  it("names a pid that is no process", function()
    watch { 4711 }
    it_session:advance("2s")
    local missing = it_session:record("missing")
    assert.equal("no process 4711", missing.reason)
    assert.is_nil(it_session.session.monitor:due())
  end)

  it(
    "tells of every watch, once, that nothing matches yet, and which name was meant",
    function()
      proc():add(10, { name = "nginx" })
      watch { "ngnix" }
      watch { "x*" }
      watch { user = "root", where = function() return false end }
      it_session:advance("9s")
      assert.equal("missing missing", it_session:told())
      assert.equal(
        "nothing matches name ngnix yet (did you mean 'nginx'?)",
        it_session.records[1].reason
      )
      assert.equal("nothing matches name x* yet", it_session.records[2].reason)
      proc():add(11, { name = "ngnix" })
      proc():finish(11)
      it_session:advance("9s")
      assert.equal("missing missing", it_session:told())
    end
  )

  it("takes a process that is named by pid and by name once", function()
    proc():add(10, { name = "web" })
    proc():add(11, { name = "web" })
    local handle = watch { { 10, "web" } }
    it_session:advance("2s")
    assert.equal("start start", it_session:told())
    assert.equal(2, #handle:targets())
  end)

  it("wants all given keys to hold", function()
    proc():add(10, { name = "web", uid = 0 })
    proc():add(11, { name = "web", uid = 1234 })
    proc():add(12, { name = "web", uid = 1234, cmd = { "web", "--debug" } })
    local handle = watch { name = "w*", user = 1234, cmd = "--debug$" }
    it_session:advance("2s")
    assert.equal(12, handle:targets()[1].pid)
    assert.equal(1, #handle:targets())
  end)

  it("stops, twice as well", function()
    proc():add(10)
    local handle = watch { 10, while_active = { every = "1s", "work" } }
    it_session:advance("2s")
    proc():move(10, { rchar = 1 })
    it_session:advance("1s")
    handle:stop()
    handle:stop()
    proc():move(10, { rchar = 1 })
    it_session:advance("1h")
    assert.equal("start active run", it_session:told())
    assert.same({}, handle:targets())
    assert.is_nil(it_session.session.monitor:due())
  end)

  it("may be stopped by its own handler", function()
    proc():add(10)
    local handle
    handle = watch { 10, on_start = function() handle:stop() end }
    it_session:advance("1h")
    assert.equal("start", it_session:told())
  end)

  it("starts nothing more when a handler of the same event stops it", function()
    proc():add(10)
    local log, handle = it_session.verbs.log, nil
    handle = watch {
      10,
      on_active = function()
        handle:stop()
        error "a mistake"
      end,
      on_error = log "on_error",
      while_active = { every = "1s", log "round" },
    }
    it_session:advance("2s")
    proc():move(10, { rchar = 1 })
    it_session:advance("1m")
    assert.equal("start active error", it_session:told())
  end)

  it("takes thousands that it has found by pid and by name in no time", function()
    local pids = {}
    for pid = 1, 2000 do
      pids[pid] = pid
      proc():add(pid, { name = "web" })
    end
    pids[#pids + 1] = "web"
    local handle = watch { pids, per = "process" } -- they are all children of the first
    local began = os.clock()
    it_session:advance("1s")
    assert.equal(2000, #it_session.records)
    assert.equal(2000, #handle:targets())
    assert.is_true(os.clock() - began < 2)
  end)

  it("takes no memory once it was stopped", function()
    local function stop_many()
      for _ = 1, 1000 do
        watch({ 4711 }):stop()
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    stop_many()
    local before_kb = stop_many()
    for _ = 1, 3 do
      stop_many()
    end
    assert.is_true(stop_many() - before_kb < 100)
  end)

  it("goes on after a handler that raises, and tells on_error", function()
    proc():add(10)
    local told
    watch {
      10,
      on_start = function() error "a mistake" end,
      on_error = function(target, event, message) told = { target.pid, event.type, message } end,
    }
    it_session:advance("2s")
    proc():move(10, { rchar = 1 })
    it_session:advance("2s")
    assert.equal("start error active", it_session:told())
    assert.matches(
      "events_spec.lua:%d+: a mistake\nstack traceback",
      it_session:record("error").reason
    )
    assert.same({ 10, "start" }, { told[1], told[2] })
    assert.matches("a mistake$", told[3])
    assert.equal(1, it_session.session.failures)
  end)

  it("goes on after an on_error that raises", function()
    proc():add(10)
    local function wrong() error "wrong" end
    watch { 10, on_start = wrong, on_error = wrong }
    it_session:advance("2s")
    assert.equal("start error error", it_session:told())
  end)
end)

describe("an idle target", function()
  local it_session = sessions.fixture()

  it("is told with what was last above a floor, and ended for it", function()
    it_session.proc:add(10, { name = "web" })
    it_session:run { text = [[watch { 10, idle = "10s", on_idle = kill() }]] }
    it_session:advance("3s")
    it_session.proc:move(10, { rchar = 2000, syscr = 3 })
    it_session:advance("1s")
    it_session.on_signal = function(pid)
      it_session.proc:finish(pid)
      return true
    end
    it_session:advance("20s")
    assert.same({ io = 2000, calls = 3 }, it_session:record("idle").last)
    assert.equal("idle for 10s", it_session:record("kill").reason)
  end)
end)

describe("while_active", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10) end)

  local function rounds()
    local at = {}
    for _, record in ipairs(it_session.records) do
      if record.event == "log" then at[#at + 1] = record.at end
    end
    return at
  end

  local function keep_busy(seconds)
    for _ = 1, seconds do
      it_session.proc:move(10, { rchar = 1 })
      it_session:advance("1s")
    end
  end

  it("acts at once and again on its schedule, until it is idle", function()
    it_session.verbs.watch {
      10,
      idle = "3s",
      while_active = { every = "10s", it_session.verbs.log "round" },
    }
    it_session:advance("4s")
    keep_busy(25)
    it_session:advance("1h")
    assert.same({ 5, 15, 25 }, rounds())
  end)

  it("never acts more often than every, also when it was idle in between", function()
    it_session.verbs.watch {
      10,
      idle = "2s",
      while_active = { every = "10s", it_session.verbs.log "round" },
    }
    it_session:advance("4s")
    keep_busy(1) -- active at 5
    it_session:advance("3s") -- idle at 7
    keep_busy(8) -- active again at 9
    assert.same({ 5, 15 }, rounds())
  end)

  it("ends with the target", function()
    it_session.verbs.watch { 10, while_active = { every = "1s", it_session.verbs.log "round" } }
    it_session:advance("1s")
    keep_busy(2)
    it_session.proc:finish(10)
    it_session:advance("1h")
    assert.equal(2, #rounds())
  end)
end)

describe("a target", function()
  local it_session = sessions.fixture()

  it("has the fields that the manual names, also after its exit", function()
    it_session.proc:add(10, { name = "web", cmd = { "web", "-x" }, uid = 0 })
    local target
    it_session.verbs.watch { "web", label = "pages", on_start = function(t) target = t end }
    it_session:advance("2s")
    local function check(state, alive)
      assert.same({ 10, "web", "web -x", "root", "pages", state, alive }, {
        target.pid,
        target.name,
        target.cmd,
        target.user,
        target.label,
        target.state,
        target:alive(),
      })
      assert.same({ 10 }, target.pids)
      assert.equal(0, target.total.rchar)
      assert.equal("integer", math.type(target.started))
    end
    check("quiet", true)
    it_session.proc:finish(10)
    it_session:advance("2s")
    check("exited", false)
  end)

  it("raises for a field that it does not have", function()
    it_session.proc:add(10)
    local handle = it_session.verbs.watch { 10 }
    it_session:advance("1s")
    local target = handle:targets()[1]
    local function message(read) return select(2, pcall(read)):gsub("^.-:%d+: ", "") end
    assert.equal(
      "a target has no 'nam' (did you mean 'name'?)",
      (message(function() return target.nam end))
    )
    assert.matches(
      "^unknown measure 'rchr' %(did you mean 'rchar'%?%); measures are read write ",
      (message(function() return target.total.rchr end))
    )
    assert.equal("a target cannot be changed", (message(function() target.name = "x" end)))
  end)

  it("takes a signal", function()
    it_session.proc:add(10)
    it_session.verbs.watch { 10, on_start = function(t) assert(t:signal("HUP")) end }
    it_session:advance("1s")
    assert.equal(1, it_session.signals[1].number)
  end)
end)
