-- SPDX-License-Identifier: MIT
-- A quiet tick makes no allocation and no Lua call, shown by counting both in a process of its own.
local uv = require "luv"
local programs = require "spec.property.programs"

local CROWD <const> = 200
local NAME <const> = "wio-" .. uv.os_getpid()
local WATCH <const> = ([[watch { "%s", every = "20ms", idle = "1h" } ]]):format(NAME)

-- Births of others make lists grow, and beside other specs there are many: half a minute of these
-- stretches is enough to see one without. What allocates by itself does in each.
local STRETCHES <const> = 60

-- What the program counted over 25 ticks under a policy, and whether it found nothing.
local function count(policy, stretches)
  local output = programs.run("quiet_tick", "'" .. policy .. "'", 20, 25, stretches)
  local counts = {}
  for name, value in output:read("a"):gmatch("(%S+)=(%d+)") do
    counts[name] = value // 1
  end
  return counts, output:close() == true
end

describe("a quiet tick", function()
  local crowd, list

  lazy_setup(function()
    list = os.tmpname()
    crowd = programs.run_with_input("crowd", NAME, CROWD, "quiet", list)
  end)

  lazy_teardown(function()
    crowd:close()
    os.remove(list)
  end)

  it("makes no allocation and no Lua call", function()
    local counts, clean = count(WATCH, STRETCHES)
    assert.are.equal(CROWD, counts.processes)
    assert.is_true(counts.ticks >= 24)
    assert.are.equal(0, counts.allocations)
    assert.are.equal(0, counts.lua_allocations)
    assert.are.equal(0, counts.lua_calls)
    assert.is_true(clean)
  end)

  it("makes none under limits either", function()
    local policy = ([[watch { "%s", every = "20ms", limits = {
      { "wchar", above = "1B/s", hold = "1s" }, { "cpu", above = "10m" } } }]]):format(NAME)
    local counts, clean = count(policy, STRETCHES)
    assert.are.equal(CROWD, counts.processes)
    assert.are.equal(0, counts.allocations)
    assert.are.equal(0, counts.lua_allocations)
    assert.are.equal(0, counts.lua_calls)
    assert.is_true(clean)
  end)

  it("is told from one that does", function()
    local counts, clean = count(WATCH .. [[every("100ms", function() local made = {} end)]], 3)
    assert.is_true(
      counts.lua_calls > 0 and counts.lua_allocations > 0 and counts.allocations > 0
    )
    assert.is_false(clean)
  end)
end)
