-- SPDX-License-Identifier: MIT
-- The one table of verbs: what is made of it, and what has to name the verbs once more.
local language = require "watchio.policy.language"
local sessions = require "spec.support.sessions"
local watchio = require "watchio"

local function sorted(names)
  table.sort(names)
  return table.concat(names, " ")
end

-- What luacheck lets a policy read, but for what is no verb.
local function linter_names()
  local env = { files = {} }
  assert(loadfile(".luacheckrc", "t", env))()
  local names = {}
  for key, value in pairs(env.files["scripts/policies"].read_globals) do
    local name = type(key) == "string" and key or value
    if name ~= "args" then names[#names + 1] = name end
  end
  return names
end

describe("the table of verbs", function()
  local it_session = sessions.fixture()

  local names = sorted(language.names())

  it("is in the scope of a policy as a whole", function()
    local text = "after(1, function() end) print(type("
      .. names:gsub(" ", ")) print(type(")
      .. "))"
    it_session:run { text = text }
    assert.equal(#language.names(), #it_session.printed)
  end)

  it("is in require 'watchio' as a whole", function()
    for _, name in ipairs(language.names()) do
      assert.is_function(watchio[name], name)
    end
  end)

  it(
    "is what the linter lets a policy read",
    function() assert.equal(names, sorted(linter_names())) end
  )

  it("is in the manual page of the language as a whole", function()
    local file <close> = assert(io.open "docs/man/watchio-policy.5.scd")
    local page = file:read "a"
    for _, name in ipairs(language.names()) do
      assert.truthy(page:find(("%%f[%%w_]%s%%f[^%%w_]"):format(name)), name)
    end
  end)
end)
