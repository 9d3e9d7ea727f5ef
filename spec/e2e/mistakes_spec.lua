-- SPDX-License-Identifier: MIT
-- Wrong policies: one line that says where and what, status 1, and nothing started.
local e2e = require "spec.e2e.support"

describe("a wrong policy", function()
  after_each(e2e.finish)

  -- what → the text of policy.lua (TRACE is a file that must not be made), a pattern of the line.
  local spawns = "watch { spawn = { 'touch', TRACE } }\n"
  local wrong = {
    ["with a syntax error"] = { spawns .. "watch {{", "policy.lua:2:" },
    ["that raises"] = { spawns .. "error 'oh'", "policy.lua:2: oh" },
    ["that is empty"] = { "", "policy.lua" },
    ["that watches nothing"] = { "local x = 1", "policy.lua" },
    ["that is binary"] = { "\27Lua\84\0\25\147", "policy.lua" },
    ["with an unknown key"] = {
      spawns .. "watch { 1, on_idel = log 'x' }",
      "policy.lua:2: .*did you mean 'on_idle'",
    },
    ["with an unknown verb"] = {
      spawns .. "wach { 1 }",
      "policy.lua:2: .*did you mean 'watch'",
    },
    ["with an unknown unit"] = {
      spawns .. "watch { 1, idle = '3x' }",
      'policy.lua:2: .*bad duration "3x"',
    },
    ["with a negative duration"] = { spawns .. "watch { 1, idle = -1 }", "policy.lua:2: .*%-1" },
    ["with a huge duration"] = {
      spawns .. "watch { 1, idle = '9999999999d' }",
      "policy.lua:2: .*9999999999d",
    },
    ["with an unknown signal"] = {
      spawns .. "watch { 1, on_idle = kill { signal = 'TREM' } }",
      "policy.lua:2: .*TREM",
    },
    ["with an unknown user"] = {
      spawns .. "watch { user = 'no-such-user' }",
      "policy.lua:2: .*no%-such%-user",
    },
    ["with a bad regular expression"] = {
      spawns .. "watch { cmd = '(' }",
      "policy.lua:2: .*%(",
    },
    ["with no process named"] = { spawns .. "watch { idle = '1s' }", "policy.lua:2: " },
  }
  for what, case in pairs(wrong) do
    it(what .. " is refused in one line", function()
      local trace = e2e.folder() .. "/trace"
      local text, message = table.unpack(case)
      local policy =
        e2e.policy((text:gsub("TRACE", function() return ("%q"):format(trace) end)))
      local watchio = e2e.watchio { "run", policy }
      watchio:ends_with(1)
      assert.truthy(watchio.err:find(message), watchio.err)
      assert.truthy(watchio.err:find("^[^\n]+\n$"), watchio.err)
      assert.equal("", watchio.out)
      assert.is_nil(e2e.read(trace))
      local check = e2e.watchio { "check", policy }
      check:ends_with(1)
      assert.equal(watchio.err, check.err)
    end)
  end

  for what, path in pairs { missing = "/no/such/policy.lua", ["a directory"] = "/tmp" } do
    it(("that is %s is refused in one line"):format(what), function()
      local watchio = e2e.watchio { "run", path }
      watchio:ends_with(1)
      assert.truthy(watchio.err:find(path, 1, true))
      assert.truthy(watchio.err:find("^[^\n]+\n$"), watchio.err)
    end)
  end

  it("that may not be read is refused in one line", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local program, folder = e2e.public_program(), e2e.folder()
    local policy = e2e.write(folder .. "/policy.lua", "watch { 1 }")
    assert(os.execute("chmod 600 " .. policy))
    local watchio = e2e.start { program, "run", policy, uid = 65534, gid = 65534 }
    watchio:ends_with(1)
    assert.truthy(watchio.err:find("^[^\n]*policy.lua[^\n]*\n$"), watchio.err)
  end)
end)

describe("a wrong command line", function()
  after_each(e2e.finish)

  for what, argv in pairs {
    ["with an unknown command"] = { "rnu", "x.lua" },
    ["with an unknown option"] = { "run", "--jsno", "x.lua" },
    ["without a policy"] = { "run" },
    ["without a target"] = { "poll" },
    ["with a pid that is none"] = { "poll", "0" },
  } do
    it(what .. " ends with 2", function()
      local watchio = e2e.watchio(table.move(argv, 1, #argv, 1, {}))
      watchio:ends_with(2)
      assert.equal("", watchio.out)
      assert.not_equal("", watchio.err)
    end)
  end
end)
