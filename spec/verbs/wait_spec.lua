-- SPDX-License-Identifier: MIT
-- sleep, wait_exit and wait_idle: a handler waits, and nothing else does.
local sessions = require "spec.support.sessions"
local waits = require "watchio.tasks.waits"

describe("a handler", function()
  local virtual = sessions.fixture()
  before_each(function() virtual.proc:add(10, { name = "web" }) end)

  local function run(text) virtual:run { text = text } end

  -- "1.5 text" of each log, in order.
  local function logged()
    local lines = {}
    for _, record in ipairs(virtual.records) do
      if record.event == "log" then
        lines[#lines + 1] = ("%g %s"):format(record.at, record.message)
      end
      if record.event == "error" then lines[#lines + 1] = record.reason end
    end
    return lines
  end

  it("sleeps, while others go on", function()
    run [[
      after("1s", function() log "one" log("%s", sleep "2s") log "three" end)
      after("2s", log "two")
    ]]
    virtual:advance "5s"
    assert.same({ "1 one", "2 two", "3 true", "3 three" }, logged())
  end)

  it("waits for the end of its target", function()
    run [[watch { "web", on_start = function(t) log("%s", wait_exit()) end }]]
    virtual:advance "3s"
    virtual.proc:finish(10)
    virtual:advance "3s"
    assert.same({ "4 true" }, logged())
  end)

  it("waits so long at most, and says why it waits no more", function()
    run [[watch { "web", on_start = function(t)
      log("%s %s", wait_exit "2s")
      log("%s %s", t:wait_idle(1))
      log("%s %s", t:wait_exit(0))
    end }]]
    virtual:advance "5s"
    assert.same({ "2 false timeout", "3 false timeout", "3 false timeout" }, logged())
  end)

  it("waits until its target is idle", function()
    run [[watch { "web", idle = "3s", on_start = function(t)
      log("%s", wait_idle())
      log("%s", t:wait_idle())
    end }]]
    virtual:advance "1s"
    virtual.proc:move(10, { rchar = 1000000, syscr = 1 })
    virtual:advance "9s"
    assert.equal(2, #logged())
    local idle = virtual:record("idle")
    assert.same({ ("%g true"):format(idle.at), ("%g true"):format(idle.at) }, logged())
  end)

  it("does not wait for idleness of what has ended", function()
    run [[watch { "web", on_start = function() log("%s %s", wait_idle "1h") end }]]
    virtual:advance "1s"
    virtual.proc:finish(10)
    virtual:advance "1s"
    assert.equal(1, #logged())
    assert.matches("false it has ended", logged()[1])
  end)

  it(
    "waits no longer for a target whose watch has stopped, or that is another program",
    function()
      run [[
      local web = watch { "web", on_start = function() log("%s %s", wait_exit()) end }
      after("2s", function() web:stop() end)
      watch { "web", on_start = function(t) log("%s %s", t:wait_idle()) end }
    ]]
      virtual:advance "3s"
      virtual.proc:exec(10, "other")
      virtual.proc:run(10, 1)
      virtual:advance "70s"
      assert.matches("^2 false its watch has stopped", logged()[1])
      assert.matches("false it is another program now", logged()[2])
    end
  )

  it("waits for several at once, each on its own", function()
    run [[
      watch { "web", on_start = { wait_exit "3s", log "never" } }
      watch { "web", on_start = { wait_exit "8s", log "ended" } }
      watch { "web", on_start = function(t) log("%s", t:wait_exit()) end }
    ]]
    virtual:advance "5s"
    virtual.proc:finish(10)
    virtual:advance "5s"
    assert.same({ "6 ended", "6 true" }, logged())
  end)

  it("in a list goes on only when it was not in vain", function()
    run [[watch { "web", on_start = {
      wait_exit "1s", function() log "not at once" end } }
      watch { "web", on_start = { sleep "1s", log "later", wait_exit(), log "ended" } }]]
    virtual:advance "5s"
    virtual.proc:finish(10)
    virtual:advance "2s"
    assert.equal("1 later", logged()[1])
    assert.matches("ended", logged()[2])
    assert.is_nil(logged()[3])
  end)

  it("that waits ends with watchio, and what it has open is closed", function()
    run [[
      closed = 0
      local function waits(how)
        return function(target)
          local _ <close> = setmetatable({}, { __close = function() log "closed" end })
          how(target)
          log "never"
        end
      end
      watch { "web",
        on_start = waits(function() sleep "1h" end),
        while_idle = { every = "1s", waits(function(t) t:wait_exit() end) }, idle = "1s",
      }
      after("3s", function() quit() end)
    ]]
    virtual:advance "10s"
    local lines = logged()
    for _, line in ipairs(lines) do
      assert.equal("3 closed", line)
    end
    assert.is_true(#lines >= 3)
    assert.is_true(virtual.session.finishing)
    assert.is_nil(next(virtual.session.alarms))
  end)

  it("leaves nothing behind when it has waited", function()
    run [[
      watch { "web", idle = "5s",
        on_start = function(t) t:wait_exit "2s" t:wait_idle() sleep "1s" end }
    ]]
    virtual:advance "30s"
    assert.is_nil(next(virtual.session.alarms))
    assert.is_nil(next(virtual.session.followers))
    assert.equal(0, waits.count(virtual.session))
  end)

  it("does not wait in a dry run for an end that nobody brings", function()
    virtual.session.dry = true
    run [[watch { "web", on_start = { kill(), wait_exit(), log "then" } }]]
    virtual:advance "1s"
    assert.equal("then", virtual:record("log").message)
  end)

  it("is told where it cannot wait", function()
    local wrong = {
      ["there is no target here"] = [[after("1ms", function() wait_exit "1s" end)]],
      ["only a handler itself"] = [[
        after("1ms", function() coroutine.wrap(function() sleep "1s" end)() end)]],
      ["only a handler can wait"] = [[
        watch { "web", on_start = function(t)
          coroutine.wrap(function() t:wait_exit() end)()
        end }]],
      ['bad duration "5x"'] = [[after("1ms", function() sleep "5x" end)]],
    }
    for message, text in pairs(wrong) do
      run(text)
      virtual:advance "1s"
      assert.matches(message, logged()[1], nil, true)
      virtual.records = {}
    end
  end)

  it("says in words what it does", function()
    assert.equal("sleep 1m30s", tostring(virtual.verbs.sleep(90)))
    assert.equal("wait_exit", tostring(virtual.verbs.wait_exit()))
    assert.equal("wait_idle 5s", tostring(virtual.verbs.wait_idle "5s"))
  end)
end)
