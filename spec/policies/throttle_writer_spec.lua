-- SPDX-License-Identifier: MIT
-- scripts/policies/throttle-writer.lua on the virtual clock.
local uv = require "luv"
local policy = require("spec.support.shipped").new "throttle-writer"

local MB = 1000000
local SIGSTOP, SIGCONT = uv.constants.SIGSTOP, uv.constants.SIGCONT

describe("the policy throttle-writer", function()
  before_each(function() policy.session.proc:add(60, { name = "rsync" }) end)

  local function write(megabytes, seconds)
    for _ = 1, seconds do
      policy.session.proc:move(60, { write_bytes = megabytes * MB, wchar = 1, syscw = 1 })
      policy.session:advance("1s")
    end
  end

  local function sent()
    local numbers = {}
    for index, each in ipairs(policy.session.signals) do
      numbers[index] = each.number
    end
    return numbers
  end

  it("leaves alone what writes no faster", function()
    policy.run("rsync", "50MB/s")
    write(40, 20)
    assert.same({}, sent())
  end)

  it("stops what is ahead of the rate until it no more is, and says so once", function()
    policy.run("rsync", "50MB/s")
    write(1, 2)
    write(200, 1)
    assert.equal(SIGSTOP, sent()[1])
    policy.session:advance("1500ms")
    assert.same({ SIGSTOP }, sent())
    policy.session:advance("1s")
    assert.same({ SIGSTOP, SIGCONT }, sent())
    write(100, 5)
    assert.is_true(#sent() > 2)
    assert.equal("throttle", policy.session:told { "throttle", "stop", "cont" })
    assert.same(
      { "write_bytes", 50 * MB },
      { policy.session:record("throttle").measure, policy.session:record("throttle").limit }
    )
  end)

  it("continues it when watchio ends", function()
    policy.run("rsync", "50MB/s")
    write(1, 2)
    write(200, 1)
    policy.session.session:finish(function() end)
    assert.same({ SIGSTOP, SIGCONT }, sent())
  end)

  it("stops nobody who is protected", function()
    policy.session.proc:add(61, { name = "sshd", ppid = 60 })
    policy.run("rsync", "50MB/s")
    write(1, 2)
    write(200, 3)
    assert.same({}, sent())
    local refused = policy.session:record "refused"
    assert.equal("sshd[61] of root is protected by its name", refused.reason)
  end)
end)
