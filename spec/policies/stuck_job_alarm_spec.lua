-- SPDX-License-Identifier: MIT
-- scripts/policies/stuck-job-alarm.lua on the virtual clock.
local policy = require("spec.support.shipped").new "stuck-job-alarm"

local JOB = 40

describe("the policy stuck-job-alarm", function()
  before_each(function() policy.session.proc:add(JOB, { name = "import" }) end)

  -- How often it was said, by a notification or, without a desktop, in the log.
  local function alarms()
    local count = 0
    for _, record in ipairs(policy.session.records) do
      local text = record.message or record.text or ""
      if text:find("import[40] has done nothing for", 1, true) then count = count + 1 end
    end
    return count
  end

  it("is silent while the job works, and when it ends", function()
    policy.run("import", "5m")
    for _ = 1, 20 do
      policy.work_for(JOB, 1)
      policy.session:advance("4m")
    end
    policy.session.proc:finish(JOB)
    policy.session:advance("1h")
    assert.equal(0, alarms())
  end)

  it("tells that it does nothing, and again every so often", function()
    policy.run("import", "5m", "1h")
    policy.work_for(JOB, 10)
    policy.session:advance("4m")
    assert.equal(0, alarms())
    policy.session:advance("2m")
    assert.equal(1, alarms())
    policy.session:advance("2h")
    assert.equal(3, alarms())
  end)

  it("runs a command as well, where there is one", function()
    policy.run("import", "5m", "1h", "mail root")
    policy.session:advance("6m")
    assert.equal("mail root", policy.lines()[#policy.lines()])
  end)
end)
