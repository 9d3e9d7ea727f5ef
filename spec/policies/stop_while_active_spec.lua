-- SPDX-License-Identifier: MIT
-- scripts/policies/stop-while-active.lua on the virtual clock.
local uv = require "luv"
local policy = require("spec.support.shipped").new "stop-while-active"

local STOP, CONT = uv.constants.SIGSTOP, uv.constants.SIGCONT
local JOB, OTHER = 70, 80

describe("the policy stop-while-active", function()
  local stopped

  before_each(function()
    stopped = {}
    policy.session.proc:add(JOB, { name = "backup" })
    policy.session.proc:add(OTHER, { name = "nginx" })
    policy.session.on_signal = function(pid, number)
      if number == STOP then stopped[pid] = true end
      if number == CONT then stopped[pid] = nil end
      return true
    end
  end)

  it("leaves the job alone while nobody else is active", function()
    policy.run("backup", "nginx")
    policy.work_for(JOB, 20)
    assert.same({}, stopped)
  end)

  it(
    "stops it while the other works, and lets it go on when that was quiet for so long",
    function()
      policy.run("backup", "nginx", "30s")
      policy.work_for(OTHER, 5)
      assert.same({ [JOB] = true }, stopped)
      policy.session:advance("20s")
      assert.same({ [JOB] = true }, stopped)
      policy.session:advance("15s")
      assert.same({}, stopped)
    end
  )

  it("stops a job that begins meanwhile, too", function()
    policy.run("backup", "nginx")
    policy.work_for(OTHER, 5)
    policy.session.proc:add(90, { name = "backup" })
    policy.work_for(OTHER, 5)
    assert.same({ [JOB] = true, [90] = true }, stopped)
  end)

  it("lets it go on when the other ends", function()
    policy.run("backup", "nginx")
    policy.work_for(OTHER, 5)
    policy.session.proc:finish(OTHER)
    policy.session:advance("5s")
    assert.same({}, stopped)
  end)
end)
