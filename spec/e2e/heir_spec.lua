-- SPDX-License-Identifier: MIT
-- What watchio has stopped goes on, however watchio ends.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local POLICY <const> = [[
  watch { tonumber(args[1]), every = "20ms", on_start = stop() }
]]

local function state_of(pid)
  local stat = e2e.read(("/proc/%d/stat"):format(pid))
  return stat and stat:match ".*%) (%a)"
end

local function until_state(pid, wanted)
  e2e.within(10, "the state " .. wanted, function() return state_of(pid) == wanted end)
end

-- Its own heirs: they have its command line.
local function heirs_of(process, mark)
  local pids = {}
  for name in uv.fs_scandir_next, (uv.fs_scandir "/proc") do
    local comm = name:find "^%d+$" and e2e.read("/proc/" .. name .. "/comm")
    local line = comm == "watchio-heir\n" and e2e.read("/proc/" .. name .. "/cmdline") or ""
    local pid = tonumber(name)
    if line:find(mark, 1, true) and pid ~= process.pid and e2e.alive(pid) then
      pids[#pids + 1] = pid
    end
  end
  return pids
end

describe("what watchio has stopped", function()
  local target, mark
  before_each(function()
    target, mark = e2e.shell "sleep 1000 & wait", ("mark-%d"):format(uv.hrtime())
  end)
  after_each(e2e.finish)

  local function stopping()
    local watchio = e2e.watchio { "run", "--json", "-e", POLICY, target.pid, mark }
    watchio:tells("stop", target.pid)
    until_state(target.pid, "T")
    return watchio
  end

  local function heir_of(watchio)
    return e2e.within(10, "the heir", function() return heirs_of(watchio, mark)[1] end)
  end

  local function goes_on()
    e2e.within(10, "its going on", function() return state_of(target.pid) ~= "T" end)
    e2e.within(10, "the heir's end", function() return #heirs_of(target, mark) == 0 end)
  end

  it("goes on when watchio was killed", function()
    stopping():signals "sigkill"
    goes_on()
  end)

  it("goes on when watchio's group was killed", function()
    local watchio = stopping()
    assert.equal(
      watchio.pid,
      tonumber(e2e.read(("/proc/%d/stat"):format(watchio.pid)):match ".*%) %a %d+ (%d+)")
    )
    uv.kill(-watchio.pid, "sigkill")
    goes_on()
  end)

  it("goes on when watchio has ended", function()
    local watchio = stopping()
    heir_of(watchio)
    watchio:signals "sigterm"
    goes_on()
    watchio:tells("cont", target.pid)
  end)

  it("has an heir that no terminal and no supervisor ends", function()
    local watchio = stopping()
    local heir = heir_of(watchio)
    for _, name in ipairs { "sigterm", "sigint", "sighup", "sigquit" } do
      uv.kill(heir, name)
    end
    watchio:signals "sigkill"
    goes_on()
  end)

  it("has another heir once the first was killed", function()
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", on_start = function(target)
        every("50ms", function() target:stop() end)
      end }
    ]],
      target.pid,
      mark,
    }
    until_state(target.pid, "T")
    local first = heir_of(watchio)
    uv.kill(first, "sigkill")
    e2e.within(10, "another heir", function()
      local now = heirs_of(watchio, mark)[1]
      return now and now ~= first
    end)
    watchio:signals "sigkill"
    goes_on()
  end)

  it("is all that an heir is for: there is none before, and no pattern names it", function()
    local watchio = e2e.watchio {
      "run",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", on_start = function(target)
        after("200ms", function()
          print("before", #find { cmd = args[2] })
          target:stop()
          after("200ms", function() print("after", #find { cmd = args[2] }) end)
        end)
      end }
    ]],
      target.pid,
      mark,
    }
    watchio:says "before"
    watchio:says "after%s+0"
    heir_of(watchio)
    assert.matches("before%s+0", watchio.out)
  end)

  it("is not left alone where a file may not grow", function()
    local file = e2e.folder() .. "/report"
    local own = e2e.start {
      "/bin/sh",
      "-c",
      'ulimit -f 1; exec "$@" 2>"$0"',
      file,
      e2e.program,
      "run",
      "-e",
      [[
        watch { tonumber(args[1]), every = "20ms", on_start = stop() }
        every("10ms", log(("x"):rep(200)))
        after("1s", quit(7))
      ]],
      tostring(target.pid),
      mark,
    }
    own:ends_with(7)
    goes_on()
  end)
end)
