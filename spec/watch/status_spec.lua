-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"
local state_of = require "watchio.watch.status".of
local status_page = require "watchio.cli.status_page"

describe("the status", function()
  local it_session = sessions.fixture()
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    it_session.proc:add(11, { name = "db" })
  end)

  it("tells of every target what moved last, when, and how long until it is idle", function()
    it_session:run {
      text = [[
      watch { "web", idle = "60s" }
      watch { "db", idle = "5s" }
      watch { "none", label = "later" }
      every("1m", log "x")]],
    }
    it_session:advance("10s")
    it_session.proc:move(10, { rchar = 4096, syscr = 2 })
    it_session:advance("20s")
    local now = state_of(it_session.session)
    assert.same({ "active", { io = 4096, calls = 2 }, 19, 41 }, {
      now.targets[1].state,
      now.targets[1].moved,
      now.targets[1].idle_for,
      now.targets[1].idle_in,
    })
    assert.same({ "idle", 30 }, { now.targets[2].state, now.targets[2].idle_for })
    assert.is_nil(now.targets[2].moved)
    assert.is_nil(now.targets[2].idle_in)
    assert.same({ "later" }, { now.targets[3].watch, now.targets[3].pid })
    assert.same({ { timer = "every", every = 60, first = 30 } }, now.timers)
    assert.same({ 0, 0, 0 }, { now.commands, now.kills, now.failures })
  end)

  it("is a page that a name cannot break", function()
    it_session.proc:add(12, { name = "a\27[2Jb" })
    it_session:run { text = [[watch { 12, 10, idle = "60s" }]] }
    it_session:advance("3s")
    local page = status_page.text(state_of(it_session.session))
    assert.matches("\n12 10 +a\\x1b%[2Jb%[12%] +1 +quiet +3s +57s\n", page)
    assert.matches("^0 commands running, 0 kills under way, 0 errors; at most 0ms late", page)
  end)
end)

describe("noise", function()
  local it_session = sessions.fixture()

  local function watch(options)
    it_session:reopen(options)
    it_session.proc:add(10, { name = "web" })
    it_session:run { text = [[watch { 10, idle = "60s", floor = { io = "1KB/s" } }]] }
    it_session:advance("1s")
    for _ = 1, 25 do
      it_session.proc:move(10, { rchar = 100 })
      it_session:advance("1s")
    end
  end

  it("is told to the verbose, at most every ten seconds", function()
    watch { verbose = true }
    assert.equal("start noise noise noise", it_session:told())
    local noise = it_session:record "noise"
    assert.same({ { io = 100 }, 1 }, { noise.gain, noise.seconds })
  end)

  it("is not told to others", function()
    watch()
    assert.equal("start", it_session:told())
  end)
end)
