-- scripts/policies/throttle-writer.lua on the virtual clock.
local policy = require("spec.support.shipped").new "throttle-writer"

local MB = 1000000

describe("the policy throttle-writer", function()
  before_each(function()
    policy.begin()
    policy.session.proc:add(60, { name = "rsync" })
  end)
  after_each(policy.finish)

  local function write(megabytes, seconds)
    for _ = 1, seconds do
      policy.session.proc:move(60, { write_bytes = megabytes * MB, wchar = 1, syscw = 1 })
      policy.session:advance("1s")
    end
  end

  local function asked_for()
    local classes = {}
    for index, each in ipairs(policy.session.priorities) do classes[index] = each[1] end
    return classes
  end

  it("leaves alone who writes too fast for a moment only", function()
    policy.run("rsync", "50MB/s", "30s")
    write(80, 20)
    write(10, 20)
    write(80, 20)
    assert.same({}, asked_for())
  end)

  it("gives the lowest priority to who goes on, and takes it back when he writes less", function()
    policy.run("rsync", "50MB/s", "30s")
    write(80, 40)
    assert.same({ "idle", 10 }, asked_for())
    write(10, 40)
    assert.same({ "idle", 10, "best-effort" }, asked_for())
    assert.same({ 60 }, policy.session.priorities[1].pids)
  end)
end)
