-- SPDX-License-Identifier: MIT
-- scripts/policies/write-budget.lua on the virtual clock.
local policy = require("spec.support.shipped").new "write-budget"

local MB = 1000000

describe("the policy write-budget", function()
  before_each(
    function()
      policy.session.proc:add(50, { name = "import.sh", io = { write_bytes = 900 * MB } })
    end
  )

  local function write(megabytes)
    policy.session.proc:move(50, { write_bytes = megabytes * MB, wchar = 1, syscw = 1 })
    policy.session:advance("2s")
  end

  it("lets a program write up to its budget, counted from when it was first seen", function()
    policy.run("import.sh", "100MB")
    policy.session:advance("2s")
    for _ = 1, 10 do
      write(10)
    end
    assert.equal(0, #policy.session.signals)
  end)

  it("ends it when it has written more", function()
    policy.run("import.sh", "100MB")
    policy.session:advance("2s")
    write(60)
    write(60)
    assert.equal(15, policy.session.signals[1].number)
    assert.equal("has written 100MB", policy.session:record("log").message)
    assert.is_truthy(policy.session:record("killed"))
  end)
end)
