-- SPDX-License-Identifier: MIT
local action = require "watchio.tasks.action"
local sessions = require "spec.support.sessions"

describe("an action", function()
  local it_session = sessions.fixture()
  local verbs
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    verbs = it_session.verbs
  end)

  local function on_start(handler)
    verbs.watch { 10, on_start = handler }
    it_session:advance("1s")
  end

  it("says what it does", function()
    local texts = {
      ["run make all"] = verbs.run { "make", "all" },
      ["kill TERM, KILL after 10s"] = verbs.kill(),
      ["kill HUP, KILL after 3s"] = verbs.kill { signal = "HUP", grace = "3s" },
      ["log 3 x"] = verbs.log("%d x", 3),
    }
    for text, made in pairs(texts) do
      assert.equal(text, tostring(made))
    end
    local list = action.of(it_session.session, { "make", verbs.kill() })
    assert.equal("run make, kill TERM, KILL after 10s", action.text(list))
    assert.matches("^function at .*action_spec.lua:%d+$", action.text(function() end))
  end)

  it("that a handler makes and does not do is told, with its place", function()
    on_start(function() verbs.run "make" end)
    local told = it_session:record("error").reason
    assert.matches("action_spec.lua:%d+: run make was made but never run", told)
    assert.equal(0, #it_session.commands)
  end)

  it("that a handler does, keeps or passes on is not", function()
    local kept
    on_start(function(target, event)
      kept = verbs.kill()
      verbs.after("1h", { verbs.run "later", verbs.kill() })
      verbs.run "make"(target, event)
    end)
    it_session.commands[1].finish()
    assert.equal("start run done", it_session:told())
    assert.is_true(action.is(kept))
  end)
end)

describe("log", function()
  local it_session = sessions.fixture()
  local verbs
  before_each(function()
    it_session.proc:add(10, { name = "web" })
    verbs = it_session.verbs
  end)

  local function told(handler)
    verbs.watch { 10, on_start = handler }
    it_session:advance("3s")
    for _, command in ipairs(it_session.commands) do
      command.finish()
    end
    local lines = {}
    for _, record in ipairs(it_session.records) do
      if record.event ~= "start" then lines[#lines + 1] = record.message or record.event end
    end
    return table.concat(lines, " ")
  end

  it("is told where a handler says it, in order with all else", function()
    assert.equal(
      "one run later done two",
      told(function(target)
        verbs.log "one"
        verbs.after("1s", function() verbs.log "later" end)
        verbs.run "make"(target)
        verbs.log "two"(target)
      end)
    )
  end)

  it("is told before an error that follows it", function()
    assert.equal(
      "one error",
      told(function()
        verbs.log "one"
        error "no"
      end)
    )
  end)

  it("is told only later when it is passed on", function()
    assert.equal(
      "now later",
      told(function()
        verbs.after("1s", { verbs.log "later" })
        verbs.log "now"
      end)
    )
  end)
end)

describe("while_idle", function()
  local it_session = sessions.fixture()

  it("acts at once and again on its schedule, until the target is active or ends", function()
    it_session.proc:add(10)
    it_session.verbs.watch {
      10,
      idle = "5s",
      while_idle = { every = "10s", it_session.verbs.log "round" },
    }
    it_session:advance("27s") -- idle at 5
    it_session.proc:move(10, { rchar = 1 })
    it_session:advance("1s") -- active at 28, idle at 33, and no round before 35
    it_session:advance("10s")
    it_session.proc:finish(10)
    it_session:advance("1h")
    local at = {}
    for _, record in ipairs(it_session.records) do
      if record.event == "log" then at[#at + 1] = record.at end
    end
    assert.same({ 5, 15, 25, 35 }, at)
  end)
end)

describe("defaults", function()
  local it_session = sessions.fixture()
  local verbs
  before_each(function()
    it_session.proc:add(10)
    verbs = it_session.verbs
  end)

  it("hold for the watches that follow, where they do not say otherwise", function()
    verbs.watch { 10, label = "before" }
    verbs.defaults { idle = "5s", every = "2s" }
    verbs.defaults { every = "3s" }
    verbs.watch { 10, label = "after" }
    verbs.watch { 10, label = "own", idle = "7s" }
    local judged = {}
    for index, watch in ipairs(it_session.session.edition.watches:list()) do
      judged[index] = ("%s %d %d"):format(
        watch.label,
        watch.rule.idle_ns // 1e9,
        watch.rule.every_ns // 1e9
      )
    end
    assert.same({ "before 60 1", "after 5 3", "own 7 3" }, judged)
  end)
end)
