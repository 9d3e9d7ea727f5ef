-- SPDX-License-Identifier: MIT
-- What a policy's code may take: a mistake in one handler costs that handler's run alone.
local native = require "watchio.native"
local policy = require "watchio.policy.load"
local sessions = require "spec.support.sessions"

local MILLISECOND = 1000000
local BUDGET = 20 * MILLISECOND
local COMPUTED = "handler computed for more than 20ms without waiting %(%-%-budget%)"

describe("a handler that computes for longer than its budget", function()
  local virtual = sessions.fixture { budget_ns = BUDGET }

  local function errors()
    local reasons = {}
    for _, record in ipairs(virtual.records) do
      if record.event == "error" then reasons[#reasons + 1] = record.reason end
    end
    return reasons
  end

  local function run(text)
    virtual:run { text = text }
    virtual:advance "1s"
    return errors()
  end

  -- What never ends; each is a handler's second line.
  local endless = {
    ["in a loop"] = "while true do end",
    ["in a loop of calls"] = "local function again() return again() end again()",
    ["in a pcall in a loop"] = "while true do pcall(function() while true do end end) end",
    ["in a pcall that ends well"] = "repeat until pcall(function() while true do end end)",
    ["in an xpcall's handler"] = "xpcall(error, function() while true do end end)",
    ["in a callback of sort"] = "table.sort({ 2, 1 }, function() while true do end end)",
    ["in a callback of gsub"] = "('x'):gsub('x', function() while true do end end)",
    ["in a coroutine of its own"] = "coroutine.wrap(function() while true do end end)()",
    ["in a metamethod"] = [[
      local t = setmetatable({}, { __index = function() while true do end end }) return t.x]],
    ["when it is closed"] = [[
      local _ <close> = setmetatable({}, { __close = function() while true do end end })]],
    ["in a pattern"] = "('a'):rep(1e5):find(('a*'):rep(20) .. 'b')",
    ["in the pattern of a match"] = "string.match(('a'):rep(1e5), ('a-'):rep(20) .. 'b')",
    ["in the pattern of a gmatch"] = "('a'):rep(1e5):gmatch(('.*'):rep(9) .. 'b')()",
    ["in the pattern of a gsub"] = "('a'):rep(1e5):gsub(('[a-z]*'):rep(9) .. 'b', '')",
    ["in a balance"] = "('('):rep(1e5):gsub('%b()', '')",
    ["in code that it loads"] = "load('while true do end')()",
    ["in tostring"] = "print(setmetatable({}, { __tostring = function() while true do end end }))",
  }
  for where, code in pairs(endless) do
    it(where .. " is interrupted, and told with its line", function()
      local told = run("after('1ms', function()\n" .. code .. "\nend) after('2ms', log 'next')")
      assert.equal(1, #told, table.concat(told, "\n"))
      assert.matches(COMPUTED, told[1])
      assert.matches("^%-e:[23]: ", told[1]:gsub('^%[string "[^"]*"%]:1', "-e:2"), nil)
      assert.equal("next", virtual:record("log").message)
    end)
  end

  it("goes to on_error, with its target", function()
    virtual.proc:add(10, { name = "web" })
    run [[
      watch { "web",
        on_start = function() while true do end end,
        on_error = function(target, event, message)
          log("%s %s: %s", target.name, event.type, message)
        end,
      }
    ]]
    local said = virtual:record("log")
    assert.matches("^web start: %-e:2: " .. COMPUTED, said.message)
    assert.equal(10, virtual:record("error").target.pid)
  end)

  it("may compute again as long after each wait", function()
    local told = run [[
      after("1ms", function()
        for _ = 1, 6 do
          local n = 0
          for i = 1, 200000 do n = n + i end
          sleep "1ms"
        end
        log "done"
      end)
    ]]
    assert.same({}, told)
    assert.equal("done", virtual:record("log").message)
  end)

  it("is interrupted after a wait, too", function()
    local told = run [[after("1ms", function() sleep "1ms" while true do end end)]]
    assert.equal(1, #told)
    assert.matches(COMPUTED, told[1])
  end)

  it("does nothing more, though it has caught the error", function()
    virtual.proc:add(10, { name = "web" })
    run [[
      watch { "web", on_start = function(target)
        pcall(function() while true do end end)
        target:signal "HUP"
      end }
    ]]
    assert.equal(0, #virtual.signals) -- the policy's next instruction was never done
    assert.matches(COMPUTED, errors()[1])
  end)

  it("may compute as long as it likes without a budget", function()
    virtual:reopen { budget_ns = 0 }
    local told = run [[
      after("1ms", function() local n = 0 for i = 1, 5e6 do n = n + i end end)
    ]]
    assert.same({}, told)
  end)

  it("does not pay for another that begins within its slice", function()
    local budget = native.budget { time_ns = BUDGET, library = "@none" }
    local function spin()
      while true do
      end
    end
    local ok, message = pcall(budget.call, budget, "handler", function()
      for _ = 1, 3 do
        pcall(budget.call, budget, "handler", spin)
      end
      return "its own time is left"
    end)
    assert.is_true(ok, message)
    assert.equal("its own time is left", message)
  end)

  it("is told for where once, and the process does not match", function()
    virtual.proc:add(10, { name = "web" })
    local told = run [[
      watch { "web", on_start = log "x", where = function() while true do end end }
    ]]
    assert.equal(1, #told)
    assert.matches("where: %-e:%d: where computed for more than 20ms", told[1])
    assert.is_nil(virtual:record("start"))
  end)
end)

describe("a policy that needs more memory than it may take", function()
  local virtual = sessions.fixture { memory = 30000000, budget_ns = 0 }
  before_each(function() collectgarbage() end) -- of other specs

  local greedy = {
    ["in one string"] = "local s = 'x' while true do s = s .. s end",
    ["in one call"] = "string.rep('x', 300000000)",
    ["in a table"] = "local t = {} while true do t[#t + 1] = { #t } end",
    ["in a pcall in a loop"] = [[
      local t = {}
      while true do pcall(function() while true do t[#t + 1] = { #t } end end) end]],
    ["in a gsub"] = "('x'):rep(1e6):gsub('x', ('y'):rep(1000))",
  }
  for where, code in pairs(greedy) do
    it(where .. " is stopped, and told with its line", function()
      virtual:run {
        text = ("after(.001, function()\n%s\nend) after(1, log 'next')"):format(code),
      }
      virtual:advance "1s"
      local told = virtual:record("error").reason
      assert.matches("^%-e:[23]: not enough memory %(%-%-memory 30MB%)\n", told)
      assert.matches("stack traceback", told)
      assert.equal("next", virtual:record("log").message)
    end)
  end

  it("does not load", function()
    local ok, message = policy.load(
      virtual.session,
      policy.chunk [[
      local t = {}
      while true do t[#t + 1] = { #t } end
    ]],
      {},
      print
    )
    assert.is_nil(ok)
    assert.equal("-e:2: not enough memory (--memory 30MB)", message)
  end)

  it("may take and leave as much as it likes", function()
    virtual:run {
      text = [[after("1ms", function()
      for _ = 1, 100 do local s = ("x"):rep(5e6) .. "y" end
      log "done"
    end)]],
    }
    virtual:advance "1s"
    assert.equal("log", virtual:told())
  end)
end)

describe("a policy", function()
  local it_session = sessions.fixture { budget_ns = BUDGET }

  it("adds to the string library without harm to ours", function()
    it_session:run {
      text = [[
      function string.shout(text) return text:upper() .. "!" end
      after("1ms", log(("hey"):shout()))
    ]],
    }
    it_session:advance "1s"
    assert.equal("HEY!", it_session:record("log").message)
    assert.is_nil(rawget(string, "shout"))
  end)

  it("closes what a handler has open when it raises, and tells what it has logged", function()
    it_session:run {
      text = [[
      local function open() return setmetatable({}, { __close = function() print "closed" end }) end
      after("1ms", function() local _ <close> = open() log "before" error "no" end)
      after("2ms", function() local _ <close> = open() while true do end end)
    ]],
    }
    it_session:advance "1s"
    assert.equal("closed closed", table.concat(it_session.printed, " "))
    assert.equal("log error error", it_session:told())
  end)

  it("stops at the first error where it is strict", function()
    it_session.session.strict = true
    it_session:run {
      text = [[
      after("1ms", function() error "no" end)
      after("2ms", function() error "never" end)
    ]],
    }
    it_session:advance "1s"
    assert.equal("error", it_session:told())
    assert.equal(5, it_session.session.status)
  end)
end)

describe("a loop that comes late", function()
  local it_session = sessions.fixture()

  it("is told once a minute, and who held it up is named", function()
    local budget = it_session.session.budget
    local text = ("x"):rep(100)
    budget:slice("handler", function() return "a handler (web: idle)" end, function()
      local until_ns = os.clock() + 0.15
      while os.clock() < until_ns do
        text = text:upper()
      end
    end)
    it_session.session:came_late(200 * MILLISECOND)
    it_session.session:came_late(300 * MILLISECOND)
    assert.equal("late", it_session:told())
    assert.matches(
      "the loop came 0.2s late: %d+%.%ds in a handler %(web: idle%)",
      it_session:record("late").reason
    )
    assert.equal(300 * MILLISECOND, it_session.session:lateness().last.ns)
  end)

  it("is nobody's fault when none took so long", function()
    it_session.session:came_late(1500 * MILLISECOND)
    assert.equal("the loop came 1.5s late", it_session:record("late").reason)
    assert.is_nil(it_session.session:lateness().last.what)
  end)
end)

describe("a budget", function()
  it("gives back what is called, and raises what that raises", function()
    local budget = native.budget { time_ns = 0, library = "@none" }
    assert.same({ 1, nil, 3 }, { budget:call("x", function(...) return ... end, 1, nil, 3) })
    local ok, raised = pcall(budget.call, budget, "x", error, { "a table" })
    assert.is_false(ok)
    assert.same({ "a table" }, raised)
    assert.is_nil(debug.gethook())
  end)

  it("leaves a debugger's hook alone", function()
    local budget = native.budget { time_ns = 1, library = "@none" }
    local lines = 0
    debug.sethook(function() lines = lines + 1 end, "l")
    budget:call("x", function()
      local n = 1
      n = n + 1
      return n
    end)
    local hook = debug.gethook()
    debug.sethook()
    assert.is_function(hook)
    assert.is_true(lines > 2)
  end)
end)
