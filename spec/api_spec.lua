-- SPDX-License-Identifier: MIT
-- The types are true, and docs/api.md is made of them.
local sessions = require "spec.support.sessions"
local shape = require "watchio.check.shape"

local META = "lua/watchio/meta/watchio.lua"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

describe("docs/api.md", function()
  it("is what scripts/api makes of the types (want scripts/api --write)", function()
    local pipe <close> = assert(io.popen((os.getenv("LUA") or "lua5.4") .. " scripts/api"))
    assert.equal(pipe:read("a"), read "docs/api.md")
  end)
end)

describe("the types", function()
  local text = read(META)

  -- The keys of a class, and of what it has its keys from.
  local function keys_of(class)
    local pattern = "\n%-%-%-@class ("
      .. class:gsub("%.", "%%.")
      .. "%f[^%w.][^\n]*)\n(.-)\n[^-]"
    local head, body = text:match(pattern)
    local keys, parent = {}, assert(head, class):match(": (%S+)")
    for key in ("\n" .. body):gmatch("\n%-%-%-@field ([%w_]+)") do
      keys[#keys + 1] = key
    end
    return parent and table.move(keys_of(parent), 1, 99, #keys + 1, keys) or keys
  end

  it("name every verb, also as it is in scope in a policy", function()
    local it_session = sessions.new()
    it_session:close()
    for verb in pairs(it_session.verbs) do
      local in_module = text:find(("\nfunction watchio.%s("):format(verb), 1, true)
      local in_scope = text:find(("\n%s = watchio.%s\n"):format(verb, verb), 1, true)
      assert.truthy(in_module, verb)
      assert.truthy(in_scope or verb == "io", verb)
    end
  end)

  -- The keys that a verb takes, as it checks them.
  local function taken_by(verb)
    local it_session, real, wanted = sessions.new(), shape.check, nil
    shape.check = function(given, ...)
      wanted = wanted or given
      return real(given, ...)
    end
    pcall(it_session.verbs[verb], {})
    shape.check = real
    it_session:close()
    return assert(wanted, verb).keys
  end

  local function sorted(keys)
    table.sort(keys)
    return table.concat(keys, " ")
  end

  for verb, class in pairs {
    watch = "watchio.WatchOptions",
    run = "watchio.RunOptions",
    kill = "watchio.KillOptions",
  } do
    it(("name the keys that %s takes, and no others"):format(verb), function()
      local taken = {}
      for key in pairs(taken_by(verb)) do
        taken[#taken + 1] = key
      end
      assert.equal(sorted(taken), sorted(keys_of(class)))
    end)
  end
end)
