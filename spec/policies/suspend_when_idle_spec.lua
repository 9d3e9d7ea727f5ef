-- SPDX-License-Identifier: MIT
-- scripts/policies/suspend-when-idle.lua on the virtual clock: nothing is suspended here.
local policy = require("spec.support.shipped").new "suspend-when-idle"

describe("the policy suspend-when-idle", function()
  it("suspends when nothing on the list runs", function()
    policy.run("rsync,mpv", "30m")
    policy.session:advance("29m")
    assert.same({}, policy.lines())
    policy.session:advance("2m")
    assert.same({ "systemctl suspend" }, policy.lines())
  end)

  it(
    "suspends when what runs has been idle for so long, counted from the last to move",
    function()
      policy.session.proc:add(10, { name = "rsync" })
      policy.session.proc:add(20, { name = "mpv" })
      policy.run("rsync,mpv", "30m", "poweroff")
      policy.session:advance("20m")
      policy.work_for(20, 60)
      policy.session:advance("29m")
      assert.same({}, policy.lines())
      policy.session:advance("2m")
      assert.same({ "poweroff" }, policy.lines())
    end
  )

  it("waits for what appears meanwhile, and for what ends from there", function()
    policy.run("rsync", "30m")
    policy.session:advance("29m")
    policy.session.proc:add(10, { name = "rsync" })
    policy.work_for(10, 120)
    policy.session.proc:finish(10)
    policy.session:advance("29m")
    assert.same({}, policy.lines())
    policy.session:advance("2m")
    assert.equal(1, #policy.lines())
  end)

  it("does not suspend while it cannot tell", function()
    policy.session.proc:add(10, { name = "rsync" })
    policy.run("rsync", "30m")
    policy.session:advance("1m")
    policy.session.proc:deny(10)
    policy.session:advance("2h")
    assert.same({}, policy.lines())
  end)

  it("suspends again when nobody comes after it woke up", function()
    policy.run("rsync", "30m")
    policy.session:advance("31m")
    policy.end_commands()
    policy.session:advance("31m")
    assert.equal(2, #policy.lines())
  end)
end)
