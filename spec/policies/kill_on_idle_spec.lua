-- SPDX-License-Identifier: MIT
-- scripts/policies/kill-on-idle.lua on the virtual clock.
local policy = require("spec.support.shipped").new "kill-on-idle"

describe("the policy kill-on-idle", function()
  before_each(function()
    policy.session.proc:add(10, { name = "kernel" })
    policy.session.proc:add(20, { name = "kernel" })
  end)

  it("ends who has done nothing for so long, and nobody else", function()
    policy.run("kernel", "10m")
    for _ = 1, 60 do
      policy.work_for(20, 1)
      policy.session:advance("14s")
    end
    assert.equal(1, #policy.session.signals)
    local signal = policy.session.signals[1]
    assert.same({ 10, 15 }, { signal.pid, signal.number })
    assert.is_true(signal.at >= 600 and signal.at <= 602)
    assert.equal(10, policy.session:record("killed").target.pid)
  end)

  it("sends KILL after the grace to who does not end by itself", function()
    policy.session.on_signal = function(pid, number)
      if number == 9 then policy.session.proc:finish(pid) end
      return true
    end
    policy.run("10", "1m", "5s")
    policy.session:advance("2m")
    local at = {}
    for _, signal in ipairs(policy.session.signals) do
      assert.equal(10, signal.pid)
      at[signal.number] = at[signal.number] or signal.at
    end
    assert.is_true(at[9] - at[15] >= 5 and at[9] - at[15] < 6)
  end)
end)
