-- SPDX-License-Identifier: MIT
-- --budget, --memory and --strict on the program, and a loop that comes late.
local e2e = require "spec.e2e.support"

describe("watchio run", function()
  after_each(e2e.finish)

  local function run(...) return e2e.watchio { "run", ... } end

  it("goes on with the other rules while one handler spins", function()
    local watchio = run(
      "--budget",
      "100ms",
      "-e",
      [[
      after("1ms", function() while true do end end)
      after("2ms", function() ("a"):rep(1e5):find(("a*"):rep(20) .. "b") end)
      after("300ms", function() print "still here" quit(7) end)
    ]]
    )
    watchio:ends_with(7)
    assert.equal("still here\n", watchio.out)
    local _, count = watchio.err:gsub("%-e:%d: handler computed for more than 100ms", "")
    assert.equal(2, count)
  end)

  it(
    "refuses a policy that spins while it loads, and one that needs too much memory",
    function()
      local watchio = run("--budget=50ms", "-e", "\nwhile true do end")
      watchio:ends_with(1)
      local told = "-e:2: policy computed for more than 50ms without waiting (--budget)\n"
      assert.equal(told, watchio.err)
      watchio = run("--memory", "8MB", "-e", "local t = {} while true do t[#t + 1] = {} end")
      watchio:ends_with(1)
      assert.equal("-e:1: not enough memory (--memory 8MB)\n", watchio.err)
    end
  )

  it("goes on when a handler has needed too much memory", function()
    local watchio = run(
      "--memory",
      "8MB",
      "-e",
      [[
      after("1ms", function() local s = "x" while true do s = s .. s end end)
      after("2ms", function() local t = {} while true do t[#t + 1] = {} end end)
      after("300ms", function() quit(0) end)
    ]]
    )
    watchio:ends_with(0)
    local _, count = watchio.err:gsub("%-e:%d: not enough memory %(%-%-memory 8MB%)", "")
    assert.equal(2, count)
  end)

  it("stops at the first error with --strict, and ends what it has started", function()
    local watchio = run(
      "--strict",
      "-e",
      [[
      watch { spawn = { "sleep", "100" }, on_start = function() error "no" end }
      after("1h", log "never")
    ]]
    )
    watchio:ends_with(5)
    assert.matches("%-e:1: no", watchio.err)
    assert.matches("done  sleep 100", watchio.err)
  end)

  it("tells that the loop came late, and who held it up", function()
    local watchio = run(
      "--json",
      "--budget",
      "0",
      "-e",
      [[
      after("1ms", function()
        local began = os.time()
        repeat until os.time() >= began + 3
      end)
      every("100ms", function() end)
    ]]
    )
    local late = watchio:tells "late"
    assert.is_true(late.seconds >= 1)
    assert.matches(
      "^the loop came %d+%.%ds late: %d+%.%ds in a handler %(after%)$",
      late.reason
    )
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("refuses bounds that are none", function()
    for _, case in ipairs {
      { "--budget", "3x", 'bad duration "3x"' },
      { "--memory", "much", 'bad size "much" %(want e.g. 64MB%)' },
      { "--memory", "1KB", "at least 4MB" },
    } do
      local watchio = run(case[1], case[2], "-e", "x()")
      watchio:ends_with(2)
      assert.matches(case[1]:gsub("%-", "%%-") .. ": .*" .. case[3], watchio.err)
    end
  end)
end)
