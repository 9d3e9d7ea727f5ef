-- The shipped policies are short, say what they do and what they want, and each has its spec.
local uv = require "luv"
local policy = require "watchio.policy"
local session = require "watchio.session"

local function load_without_arguments(name)
  local it_session, module = session.new { virtual = true }, package.loaded.watchio
  local source = assert(policy.read("scripts/policies/" .. name))
  local ok, message = policy.load(it_session, source, {}, function() end)
  package.loaded.watchio = module
  it_session:close()
  return ok, message
end

describe("a shipped policy", function()
  for name in uv.fs_scandir_next, (uv.fs_scandir("scripts/policies")) do
    it(("is short and has a spec: %s"):format(name), function()
      local lines = 0
      for _ in io.lines("scripts/policies/" .. name) do lines = lines + 1 end
      assert.is_true(lines <= 25)
      local spec = name:gsub("%.lua$", "_spec.lua"):gsub("-", "_")
      assert.truthy(uv.fs_stat("spec/policies/" .. spec), "spec/policies/" .. spec)
    end)

    it(("says what it does and what it wants: %s"):format(name), function()
      local first = io.lines("scripts/policies/" .. name)()
      assert.matches("^%-%- %u[^\n]+%.$", first)
      local ok, message = load_without_arguments(name)
      assert.is_nil(ok)
      assert.matches("^scripts/policies/[%w-]+%.lua:%d+: want %u[^\n]*$", message)
    end)
  end
end)
