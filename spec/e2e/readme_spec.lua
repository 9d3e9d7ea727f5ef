-- SPDX-License-Identifier: MIT
-- What the README shows is true: its policies load, its commands are there.
local e2e = require "spec.e2e.support"
local uv = require "luv"

describe("the README", function()
  after_each(e2e.finish)

  local text = e2e.read(e2e.root .. "/README.md")

  local policies = 0
  for block in text:gmatch("\n```lua\n(.-)```") do
    if block:find("^watch {") then
      policies = policies + 1
      it(("shows a policy %d that loads"):format(policies), function()
        local policy = e2e.policy((block:gsub('"alice"', '"root"')))
        local watchio = e2e.watchio { "check", policy }
        watchio:ends_with(0)
      end)
    end
  end

  it("shows three policies", function() assert.equal(3, policies) end)

  it("names scripts and folders that are there", function()
    local named = 0
    for folder, rest in text:gmatch("%f[%w](%l+)(/[%w/._-]+)") do
      if folder == "scripts" or folder == "spec" or folder == "src" then
        named = named + 1
        local path = folder .. rest
        assert.truthy(uv.fs_stat(e2e.root .. "/" .. path), path)
      end
    end
    assert.is_true(named > 5)
  end)
end)
