-- The shipped policies are short, and each has its spec.
local uv = require "luv"

describe("a shipped policy", function()
  for name in uv.fs_scandir_next, (uv.fs_scandir("scripts/policies")) do
    it(("is short and has a spec: %s"):format(name), function()
      local lines = 0
      for _ in io.lines("scripts/policies/" .. name) do lines = lines + 1 end
      assert.is_true(lines <= 25)
      local spec = name:gsub("%.lua$", "_spec.lua"):gsub("-", "_")
      assert.truthy(uv.fs_stat("spec/policies/" .. spec), "spec/policies/" .. spec)
    end)
  end
end)
