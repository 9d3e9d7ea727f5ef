-- SPDX-License-Identifier: MIT
local uv = require "luv"
local leaks = require "spec.support.leaks"
local watchio = require "watchio"

describe('require "watchio"', function()
  local handles = {}

  -- The module's session lives as long as the program: what it holds is there before any spec.
  setup(function()
    local seen
    local first = watchio.watch { uv.os_getpid(), on_start = function() seen = true end }
    while not seen do
      uv.run("once")
    end
    first:stop()
  end)

  local before
  before_each(function() before = leaks.before() end)
  after_each(function()
    for _, handle in ipairs(handles) do
      handle:stop()
    end
    handles = {}
    leaks.check(before)
  end)

  local function keep(handle)
    handles[#handles + 1] = handle
    return handle
  end

  it("shares one loop with a luv timer", function()
    local ticks, told = 0, nil
    local timer = uv.new_timer()
    timer:start(1, 1, function() ticks = ticks + 1 end)
    keep(watchio.watch {
      uv.os_getpid(),
      every = "10ms",
      on_start = function(target) told = target.pid end,
    })
    local deadline = keep(watchio.after("10s", function() uv.stop() end))
    while (ticks < 5 or not told) and deadline do
      uv.run("once")
    end
    timer:close()
    assert.equal(uv.os_getpid(), told)
  end)

  it("runs until nothing is left", function()
    local done = {}
    watchio.after("1ms", watchio.run { "true" })
    watchio.after("2ms", function() done[#done + 1] = "after" end)
    assert.equal(0, watchio.loop())
    assert.same({ "after" }, done)
  end)

  it("lets a handler wait for a command while the rest goes on", function()
    local order = {}
    watchio.after(0, function()
      local ok = watchio.run { "sh", "-c", "sleep 0.05" }()
      order[#order + 1] = ok and "command" or "failed"
    end)
    watchio.after("1ms", function() order[#order + 1] = "other" end)
    watchio.loop()
    assert.same({ "other", "command" }, order)
  end)

  it("names its version, which is the program's", function()
    assert.matches("^watchio %d+%.%d+%.%d+$", watchio._VERSION)
    assert.equal("watchio " .. require("watchio.native").version, watchio._VERSION)
  end)

  it("finds processes and reads their counters", function()
    local own = uv.os_getpid()
    assert.same({ own }, watchio.find(own))
    assert.is_true(watchio.io(own).rchar > 0)
    assert.same({ nil, "no process 4194000", "ESRCH" }, { watchio.io(4194000) })
  end)

  it("polls, and does not take its own reading for activity", function()
    assert.equal(-1, watchio.poll({ uv.os_getpid() }, { timeout = 0.05, step = "10ms" }))
    local file <close> = assert(io.open("/dev/null", "w"))
    local poller = assert(watchio.new({ uv.os_getpid() }, { timeout = 10, step = "10ms" }))
    file:write("x")
    file:flush()
    assert.equal(1, poller:poll())
  end)

  it("refuses to poll in a callback of the loop", function()
    local message
    local timer = uv.new_timer()
    timer:start(0, 0, function()
      message = select(2, pcall(watchio.poll, { uv.os_getpid() }))
      timer:close()
    end)
    uv.run()
    assert.matches("poll: it runs the loop itself", message)
  end)

  it("has each verb of a policy that the types name", function()
    local file <close> = assert(io.open "lua/watchio/meta/watchio.lua")
    local named = 0
    for name in file:read("a"):gmatch "\nfunction watchio%.([%w_]+)%(" do
      named = named + 1
      assert.is_function(watchio[name], name)
    end
    assert.is_true(named > 20, "the types name few verbs")
  end)

  it("raises at the caller's line", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local _, message = pcall(function() watchio.watch { "nginx", on_idel = "make" } end)
    assert.equal(
      ("spec/module_spec.lua:%d: watch: unknown key 'on_idel' (did you mean 'on_idle'?)"):format(
        line
      ),
      (message:gsub("^%./", ""))
    )
  end)
end)
