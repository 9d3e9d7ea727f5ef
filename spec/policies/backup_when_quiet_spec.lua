-- SPDX-License-Identifier: MIT
-- scripts/policies/backup-when-quiet.lua on the virtual clock: two days in a moment.
local policy = require("spec.support.shipped").new "backup-when-quiet"

local DATABASE = 30

describe("the policy backup-when-quiet", function()
  before_each(function() policy.session.proc:add(DATABASE, { name = "db" }) end)

  it("runs nothing while the database is used", function()
    policy.run("db", "dump", "1m")
    for _ = 1, 30 do
      policy.work_for(DATABASE, 1)
      policy.session:advance("40s")
    end
    assert.same({}, policy.lines())
  end)

  it("runs the backup once it is quiet", function()
    policy.run("db", "dump", "1m")
    policy.work_for(DATABASE, 5)
    policy.session:advance("50s")
    assert.same({}, policy.lines())
    policy.session:advance("20s")
    assert.same({ "dump" }, policy.lines())
  end)

  it("runs no other because of what the backup moved, until so much time has passed", function()
    policy.run("db", "dump", "1m", "20h")
    policy.session:advance("2m")
    policy.work_for(DATABASE, 30)
    policy.end_commands()
    policy.session:advance("19h")
    assert.same({ "dump" }, policy.lines())
    policy.session:advance("2h")
    assert.same({ "dump", "dump" }, policy.lines())
  end)

  it("says that it is done only of a backup that went well", function()
    policy.run("db", "dump", "1m")
    policy.session:advance("2m")
    policy.end_commands(1)
    assert.equal("start idle log run done", policy.session:told())
  end)

  it("takes a floor for a database that works at rest", function()
    policy.run("db", "dump", "1m", "20h", "5%")
    for _ = 1, 100 do
      policy.session.proc:run(DATABASE, 2) -- two per cent
      policy.session:advance("1s")
    end
    assert.same({ "dump" }, policy.lines())
  end)
end)
