-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"

describe("a reload", function()
  local it_session = sessions.fixture()
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    it_session.proc:add(11, { name = "db" })
  end)

  local function run(text) it_session:run { text = text } end

  local function logs()
    local lines = {}
    for _, record in ipairs(it_session.records) do
      if record.event == "log" then lines[#lines + 1] = record.message end
    end
    return table.concat(lines, " ")
  end

  it("keeps the targets and clocks of what is watched as before", function()
    run [[watch { "web", idle = "60s", on_idle = log "old" }]]
    it_session:advance("40s")
    assert.is_true(it_session:reload [[

      -- a comment moves every line
      watch { "web", idle = "60s", on_idle = log "new" }]])
    it_session:advance("20s")
    assert.equal("start reload idle log", it_session:told())
    assert.equal("new", logs())
    assert.equal(60, it_session:record("idle").at)
    assert.equal("1 watch goes on, 0 begin, 0 end", it_session:record("reload").message)
  end)

  it("begins what is new and ends what is gone or judged in another way", function()
    run [[
      watch { "web", idle = "10s", on_idle = log "web" }
      watch { "db", idle = "10s", on_idle = log "db" }]]
    it_session:advance("5s")
    it_session:reload [[
      watch { "web", idle = "20s", on_idle = log "slow" }
      watch { 10, idle = "4s", on_idle = log "pid" }]]
    it_session:advance("30s")
    assert.equal("pid slow", logs())
    assert.equal("0 watches go on, 2 begin, 2 end", it_session:record("reload").message)
  end)

  it("does not take who has a finished pid by now for the process that was named", function()
    run [[watch { 10, idle = "10s", on_idle = kill {} }]]
    it_session:advance("5s")
    it_session.proc:finish(10)
    it_session:advance("2s")
    it_session.proc:add(10, { name = "innocent", start = 200 })
    for _ = 1, 2 do
      it_session:reload [[watch { 10, idle = "10s", on_idle = kill {} }]]
      it_session:advance("30s")
    end
    assert.equal("start exit reload missing reload missing", it_session:told())
    assert.matches(
      "process 10 is not the one that this pid first named",
      it_session:record("missing").reason
    )
    assert.same({}, it_session.signals)
  end)

  it("does so where nobody had the pid at first, and of several pids for each", function()
    run [[watch { 10, 77, idle = "10s", on_idle = log "idle" }]]
    it_session.proc:add(77, { name = "innocent", start = 200 })
    it_session:advance("5s")
    it_session:reload [[watch { 10, 77, idle = "20s", on_idle = log "idle" }]]
    it_session:advance("30s")
    assert.equal("idle", logs())
  end)

  it("leaves a handler to name whoever has the pid then", function()
    run [[
      watch { 10, idle = "1h" }
      watch { "db", idle = "1h", on_exit = function()
        watch { 10, idle = "1h", on_start = log "again" }
      end }]]
    it_session:advance("5s")
    it_session.proc:finish(10)
    it_session:advance("2s")
    it_session.proc:add(10, { name = "again", start = 200 })
    it_session.proc:finish(11)
    it_session:advance("5s")
    assert.equal("again", logs())
  end)

  it("that fails is told in one line, and the policy before goes on", function()
    local policy = [[
      watch { "web", idle = "10s", on_idle = log "idle" }
      every("3s", log "tick")]]
    run(policy)
    it_session:advance("5s")
    assert.is_false(it_session:reload [[watch { "web", on_idel = "x" }]])
    assert.is_false(it_session:reload "watch {")
    assert.is_false(it_session:reload [[watch { "db", on_start = log "no" } error "half way"]])
    assert.is_false(it_session:reload "")
    it_session:advance("5s")
    assert.equal("tick tick tick idle", logs())
    assert.equal(
      "-e:1: watch: unknown key 'on_idel' (did you mean 'on_idle'?)"
        .. " (the policy before goes on)",
      it_session:record("reload").reason
    )
    assert.equal("start log reload reload reload reload log log idle log", it_session:told())
  end)

  it("keeps a command that runs in its slot", function()
    local policy = [[watch { "web", on_active = run { "make", busy = "skip" } }]]
    run(policy)
    it_session:advance("1s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("1s")
    it_session:reload(policy)
    it_session:advance("60s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("1s")
    assert.equal("start active run reload idle active skip", it_session:told())
    it_session.commands[1].finish()
    assert.equal(1, #it_session.commands)
  end)

  it("does not start again what a watch has spawned", function()
    local policy = [[watch { spawn = { "server" }, idle = "10s", on_idle = log "idle" }]]
    run(policy)
    it_session.proc:add(it_session.commands[1].pid)
    it_session:advance("1s")
    it_session:reload(policy)
    it_session:advance("1s")
    assert.equal(1, #it_session.commands)
  end)

  it("keeps the schedule of every, and begins after anew", function()
    local policy = [[every("10s", log "every") after("10s", log "after")]]
    run(policy)
    it_session:advance("6s")
    it_session:reload(policy)
    it_session:advance("4s")
    assert.equal("every", logs())
    it_session:advance("6s")
    assert.equal("every after", logs())
  end)

  it("gives the handlers of kept watches the new globals", function()
    local policy = [[
      count = 0
      watch { "web", on_active = function()
        count = count + 1
        log("%s %d", VERSION, count)
      end }]]
    run("VERSION = 'old'\n" .. policy)
    it_session:advance("1s")
    for _, version in ipairs { "new", "newer" } do
      it_session:reload(("VERSION = '%s'\n"):format(version) .. policy)
      it_session.proc:move(10, { rchar = 1 })
      it_session:advance("2m")
    end
    assert.equal("new 1 newer 1", logs())
  end)

  it("goes on with rounds on their schedule", function()
    local policy = [[watch { "web", idle = "60s", while_active = { every = "10s", log "%s" } }]]
    run((policy:gsub("%%s", "a")))
    it_session:advance("1s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("14s") -- active at 2, rounds at 2 and 12
    it_session:reload((policy:gsub("%%s", "b")))
    it_session:advance("8s") -- the next is at 22
    assert.equal("a a b", logs())
  end)

  it("begins rounds that are new where they hold already", function()
    run [[watch { "web", idle = "60s", on_active = log "active" }]]
    it_session:advance("1s")
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("5s")
    it_session:reload [[
      watch { "web", idle = "60s", while_active = { every = "10s", log "round" } }]]
    it_session:advance("10s")
    assert.equal("active round round", logs())
  end)

  it("tells a where that asks something else from one that only moved", function()
    local function policy(name)
      local text = [[local wanted = "%s"
        watch { "*b", where = function(p) return p.name == wanted end, on_start = log "seen" }]]
      return text:format(name)
    end
    run(policy "web")
    it_session:advance("1s")
    it_session:reload("\n\n" .. policy "web")
    it_session:advance("1s")
    assert.equal("seen", logs())
    it_session:reload(policy "db")
    it_session:advance("1s")
    assert.equal("seen seen", logs())
    assert.equal("db", it_session.records[#it_session.records].target.name)
  end)

  it("may quit", function()
    run [[watch { "web", on_start = log "seen" }]]
    it_session:advance("1s")
    it_session:reload "quit(3)"
    assert.equal(3, it_session.session.status)
    assert.is_true(it_session.session.finishing)
  end)

  it("leaves nothing behind, a hundred times", function()
    local good = [[
      watch { "web", idle = "60s", on_idle = run "make", while_active = { every = "5s", log "x" } }
      watch { "db", on_active = { "save", kill() } }
      every("1m", log "minute")]]
    run(good)
    it_session:advance("1s")
    local function settle()
      for index = 1, 100 do
        it_session:reload(index % 3 == 0 and "watch { nmae = 1 }" or good)
        it_session.proc:move(10, { rchar = 1 })
        it_session:advance("1s")
      end
      it_session.records = {}
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    settle()
    local before, watches = settle(), it_session.session.monitor:stats()
    local more = math.huge -- a table may grow once, a leak grows each time
    for _ = 1, 2 do
      local after = settle()
      more, before = math.min(more, after - before), after
    end
    assert.is_true(more < 16, ("%.1f kB more"):format(more))
    assert.same(watches.processes, it_session.session.monitor:stats().processes)
    assert.equal("", it_session:told { "start" })
  end)
end)

describe("a reload on luv's loop", function()
  local it_session = sessions.fixture()

  it("leaves no handle and no reference", function()
    it_session:run { text = [[watch { 10 } every("1s", log "x")]] }
    for _ = 1, 10 do
      it_session:reload [[watch { 10 } every("1s", log "x")]]
    end
  end)
end)
