-- SPDX-License-Identifier: MIT
-- What watchio calls real servers and jobs: some of them here, all of them in docs/truth.md.
local e2e = require "spec.e2e.support"

describe("the truth about servers and jobs", function()
  after_each(e2e.finish)

  it("is that none is called idle while it is driven", function()
    local truth = e2e.start { e2e.root .. "/scripts/truth", "--quick" }
    truth:ends(120)
    local pattern = "At rest (%d+) of (%d+) .* driven, (%d+) of (%d+); (%d+) failed"
    truth:says(pattern)
    local resting, played, wrong, driven, failed = truth.out:match(pattern)
    local problems = ("%s called idle, %s failed"):format(wrong, failed)
    assert.equal("0 called idle, 0 failed", problems, truth.out)
    assert.is_true(tonumber(driven) >= 10 and resting / played >= 0.7, truth.out)
    assert.equal(0, truth.status)
  end)

  local page = e2e.read(e2e.root .. "/docs/truth.md") or ""

  it("is told of each of them in docs/truth.md", function()
    local source = e2e.read(e2e.root .. "/spec/truth/workloads.lua")
    for name in source:gmatch('name = "([^"]+)"') do
      assert.is_truthy(page:find("| " .. name .. " |", 1, true), name)
    end
  end)

  it("was that no driven one was called idle when that page was made", function()
    assert.is_nil(page:find("| IDLE |", 1, true))
    assert.is_truthy(page:find("driven, 0 of ", 1, true))
  end)
end)
