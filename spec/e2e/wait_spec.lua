-- SPDX-License-Identifier: MIT
-- `watchio wait` on real processes: each status, one by one.
local e2e = require "spec.e2e.support"
local uv = require "luv"

describe("watchio wait", function()
  after_each(e2e.finish)

  it("idle ends with 0 once it was quiet for so long", function()
    local target, before = e2e.echoer(), uv.hrtime()
    local watchio = e2e.watchio { "wait", "idle", target.pid, "--for", "1s", "--every", "20ms" }
    watchio:says "start"
    target:writes "hello\n"
    watchio:says "active"
    watchio:ends_with(0)
    assert.is_true(uv.hrtime() - before >= 1e9)
    assert.is_truthy(watchio.err:find(target.name .. "%[%d+%] idle"), watchio.err)
    assert.equal("", watchio.out)
  end)

  it("active ends with 0 when one of several is", function()
    local quiet, busy = e2e.echoer(), e2e.echoer()
    local watchio = e2e.watchio {
      "wait",
      "active",
      quiet.pid,
      busy.pid,
      "--json",
      "--every",
      "20ms",
    }
    watchio:tells("start", busy.pid)
    busy:writes "hello\n"
    watchio:ends_with(0)
    assert.equal(1, #watchio:events "active")
    assert.equal(busy.pid, watchio:events("active")[1].target.pid)
    assert.equal("", watchio.err)
  end)

  it("exit ends with 0 when all have ended", function()
    local first, second = e2e.echoer(), e2e.echoer()
    local watchio = e2e.watchio { "wait", "exit", first.pid, second.name, "--every", "20ms" }
    watchio:says(second.name .. ".*start")
    first:signals "sigterm"
    watchio:says(first.name .. "%[%d+%] exit")
    assert.is_nil(watchio.status)
    second:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("lets a shell go on, or not", function()
    local target = e2e.echoer()
    local shell = e2e.shell(
      [[
      "$1" wait idle $2 --for 50ms --every 10ms && echo idle
      "$1" wait exit $2 --timeout 50ms || echo "no end: $?"
    ]],
      e2e.program,
      target.pid
    )
    shell:ends_with(0)
    assert.equal("idle\nno end: 1\n", shell.out)
  end)

  it("ends with 1 after the timeout, and tells what kept it back", function()
    local target = e2e.echoer()
    local cases = {
      idle = "is not idle",
      active = "none of them was active",
      exit = "has not ended",
    }
    for state, reason in pairs(cases) do
      local watchio = e2e.watchio { "wait", state, target.pid, "-q", "--timeout", "200ms" }
      watchio:ends_with(1)
      assert.is_truthy(watchio.err:find(reason .. " after 200ms\n", 1, true), watchio.err)
      assert.equal(1, select(2, watchio.err:gsub("\n", "")))
    end
  end)

  it("ends with 3 when what was named is gone, or nothing is left", function()
    local gone = e2e.shell "exit 0"
    gone:ends()
    local watchio = e2e.watchio { "wait", "exit", gone.pid }
    watchio:ends_with(3)
    assert.equal(("watchio: no process %d\n"):format(gone.pid), watchio.err)
    local target = e2e.echoer()
    watchio = e2e.watchio { "wait", "idle", target.pid }
    watchio:says "start"
    target:signals "sigterm"
    watchio:ends_with(3)
    watchio:says "watchio: nothing is left to watch\n$"
  end)

  it("ends with 4 where it cannot be read, with the cure", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local target, program = e2e.echoer(), e2e.public_program()
    local cases = {
      { "idle", "not known to be idle" },
      { "active", "none of them was active, but", "100ms" },
    }
    for _, case in ipairs(cases) do
      local watchio = e2e.start {
        program,
        "wait",
        case[1],
        target.pid,
        "--timeout",
        case[3] or "60s",
        uid = 65534,
        gid = 65534,
      }
      watchio:ends_with(4)
      assert.is_truthy(watchio.err:find(case[2], 1, true), watchio.err)
      assert.is_truthy(watchio.err:find("CAP_SYS_PTRACE", 1, true), watchio.err)
    end
  end)

  it("ends with 130 after INT, and TERM ends it", function()
    for signal, status in pairs { sigint = 130, sigterm = "signal 15" } do
      local watchio = e2e.watchio { "wait", "exit", e2e.echoer().pid }
      watchio:says "start"
      watchio:signals(signal)
      watchio:ends_with(status)
    end
  end)
end)
