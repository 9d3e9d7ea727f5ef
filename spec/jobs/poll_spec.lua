-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"
local poll = require "watchio.jobs.poll"

describe("poll", function()
  local it_session = sessions.fixture()
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    it_session.proc:add(11, { name = "web" })
    it_session.proc:add(12, { name = "db" })
  end)

  local function new(targets, options)
    return poll.new(it_session.session, "poll", targets, options)
  end

  -- What a process does after some time, as the clock moves.
  local function later(duration, act) it_session.verbs.after(duration, act) end

  it("returns how many were active", function()
    later("7s", function()
      it_session.proc:move(10, { rchar = 5 })
      it_session.proc:move(12, { syscr = 1 })
    end)
    local poller = new { 10, "db" }
    assert.equal(2, poller:poll())
    assert.near(10, it_session:now(), 0.1) -- the second look, with the default step of 5 s
    assert.same({ 10, 12 }, { poller.active[1].pid, poller.active[2].pid })
  end)

  it("looks every step", function()
    later("7s", function() it_session.proc:move(10, { rchar = 5 }) end)
    assert.equal(1, (new({ 10 }, { step = 1 }):poll()))
    assert.is_true(it_session:now() <= 8)
  end)

  it("returns -1 after the timeout", function()
    assert.equal(-1, new({ 10, 11 }, { timeout = "1m", step = "7s" }):poll())
    assert.near(60, it_session:now(), 0.1)
  end)

  it("counts what happened between two calls", function()
    local poller = new { 10 }
    it_session.proc:move(10, { rchar = 5 })
    it_session:advance("1h")
    assert.equal(1, poller:poll())
    assert.equal(0, poller:update())
    it_session.proc:move(10, { rchar = 5 })
    assert.equal(1, poller:update())
  end)

  it("does not take the next process of a pid for the one that was named", function()
    local poller = new { 10 }
    it_session.proc:finish(10)
    it_session.proc:add(10, { name = "web", start = 700 })
    local count, message, code = poller:update()
    assert.same({ nil, "nothing is left to watch", "ESRCH" }, { count, message, code })
  end)

  it("does not call quiet what it cannot read", function()
    local poller = new({ 10, 11 }, { timeout = "10s", step = "1s" })
    it_session.proc:deny(11)
    local count, _, code = poller:poll()
    assert.same({ nil, "EACCES" }, { count, code })
  end)

  it("takes a reused pid for another process", function()
    local poller = new { "web" }
    it_session.proc:finish(10)
    it_session.proc:add(10, { name = "web", start = 700, io = { rchar = 999 } })
    assert.equal(0, poller:update())
  end)

  it("names a pid that is not there", function()
    assert.same({ nil, "no process 4711", "ESRCH" }, { new { 10, 4711 } })
    it_session.proc:zombie(12)
    assert.same({ nil, "process 12 has ended (a zombie)", "ESRCH" }, { new { 12 } })
    assert.same(
      { nil, "no process matches nope, cmd=^x", "ESRCH" },
      { new { "nope", { cmd = "^x" } } }
    )
  end)

  it("takes all keys of a table at once, and counts once what several name", function()
    it_session.proc:add(20, { name = "web", uid = 1000 })
    local poller = new { { name = "web", user = 1000 }, 20, "web" }
    it_session.proc:move(20, { wchar = 1 })
    assert.equal(1, poller:update())
    assert.same(
      { nil, "no process matches name=web,user=7", "ESRCH" },
      { new { { name = "web", user = 7 } } }
    )
  end)

  it("takes a process that lives on in its threads for alive", function()
    it_session.proc:add(13, { name = "pool", threads = 2 })
    it_session.proc:zombie(13) -- only its first thread has ended
    for _, target in ipairs { 13, "pool" } do
      local poller = assert(new { target })
      it_session.proc:move(13, { rchar = 5 })
      assert.equal(1, poller:update())
    end
  end)

  it("says when nothing can be read", function()
    it_session.proc:deny(10)
    local poller, message, code = new { 10 }
    assert.is_nil(poller)
    assert.matches("cannot read the counters of process 10", message)
    assert.equal("EACCES", code)
    assert.is_table((new { 10, 11 }))
  end)

  it("ends when nothing is left to watch", function()
    later("7s", function() it_session.proc:finish(10) end)
    assert.same({ nil, "nothing is left to watch", "ESRCH" }, { new { 10 }:poll() })
  end)

  it("raises for what is no pid, no name and no duration", function()
    for _, wrong in ipairs { { 0 }, { -3 }, { 1.5 }, {}, { "" }, { true } } do
      assert.has_error(function() new(wrong) end)
    end
    assert.has_error(function() new({ 10 }, { step = 0 }) end)
    assert.has_error(function() new({ 10 }, { timeout = "3x" }) end)
    assert.has_error(function() new({ 10 }, { tiemout = 3 }) end)
  end)

  it("raises in a handler", function()
    local poller = new { 10 }
    it_session.verbs.after("1s", function() poller:poll() end)
    it_session:advance("2s")
    assert.matches("poll: it runs the loop itself", it_session:record("error").reason)
  end)
end)
