-- SPDX-License-Identifier: MIT
-- A total says when the kernel has dropped a part of it.
local e2e = require "spec.e2e.support"

local BLOCK = 1 << 20

describe("the total of a process whose parent waits for it at once", function()
  after_each(e2e.finish)

  it("is all that it read since it was seen, or says that it is not", function()
    local dd = e2e.start {
      "/bin/sh",
      "-c",
      input = true,
      "read -r go; exec dd if=/dev/zero of=/dev/null bs=1M count=500",
    }
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      ("watch { %d, every = '1s', idle = '10s' }"):format(dd.pid),
    }
    watchio:tells("start", dd.pid)
    dd:writes("go\n")
    local exit = watchio:tells("exit", dd.pid)
    assert.is_true(exit.at_least or exit.total.rchar >= 500 * BLOCK)
  end)
end)

describe("the summary of a command", function()
  after_each(e2e.finish)

  local function summary(script)
    local watchio = e2e.watchio { "exec", "--summary", "--", "bash", "-c", script }
    watchio:ends_with(0)
    return watchio.err
  end

  local script = "for i in 1 2 3 4 5 6 7 8 9; do /bin/true; done; sleep 2"

  it("has all of those that were waited for", function()
    local text = summary(script)
    assert.not_matches("at least", text)
    assert.matches("read +%d", text)
  end)

  it("says that it lacks those whose end nobody wanted to know", function()
    if not e2e.births_are_told() then
      return pending "the kernel does not tell of births here"
    end
    assert.matches("read +at least %d", summary("trap '' CHLD; " .. script))
  end)
end)
