-- SPDX-License-Identifier: MIT
-- The shipped policies are short, say what they do and what they want, and each has its spec.
local uv = require "luv"
local policy = require "watchio.policy.load"
local session = require "watchio.watch.session"

local function load_without_arguments(name)
  local it_session, module = session.new { virtual = true }, package.loaded.watchio
  local source = assert(policy.read("scripts/policies/" .. name))
  local ok, message = policy.load(it_session, source, {}, function() end)
  package.loaded.watchio = module
  it_session:close()
  return ok, message
end

-- The comment at the head: its lines without the marks, up to the first that is none.
local function head_of(path)
  local lines = {}
  for line in io.lines(path) do
    if line:sub(1, 2) ~= "--" then return lines end
    lines[#lines + 1] = line:sub(4)
  end
  return lines
end

-- The arguments of a usage line: what may be left out is in brackets.
local function arguments_of(usage)
  local list = {}
  for bracket, word in usage:gmatch "(%[?)(%u+)" do
    list[#list + 1] = { name = word, optional = bracket == "[" }
  end
  return list
end

-- What it says of each argument, in lines of which the first begins "ARGUMENT is".
local function abouts_of(head)
  local about, name = {}, nil
  for index = 5, #head do
    name = head[index]:match "^(%u+) is " or name
    about[name] = (about[name] and about[name] .. " " or "") .. head[index]
  end
  return about
end

describe("a shipped policy", function()
  for name in uv.fs_scandir_next, (uv.fs_scandir("scripts/policies")) do
    it(("is short and has a spec: %s"):format(name), function()
      local lines = 0
      for line in io.lines("scripts/policies/" .. name) do
        if line:find "%S" and not line:find "^%-%-" then lines = lines + 1 end
      end
      assert.is_true(lines <= 35)
      local spec = name:gsub("%.lua$", "_spec.lua"):gsub("-", "_")
      assert.truthy(uv.fs_stat("spec/policies/" .. spec), "spec/policies/" .. spec)
    end)

    it(("says what it does and what it wants: %s"):format(name), function()
      local head = head_of("scripts/policies/" .. name)
      assert.matches("^%u[^\n]+%.$", head[1])
      assert.same({ "", "" }, { head[2], head[4] })
      local own = name:gsub("%.lua$", "")
      local usage = head[3]:match("^  watchio run (.+)$")
      assert.equal(own .. " ", usage:sub(1, #own + 1))
      local about = abouts_of(head)
      for _, argument in ipairs(arguments_of(usage:sub(#own + 1))) do
        local text = about[argument.name] or ""
        assert.matches("%.$", text, argument.name)
        assert.equal(argument.optional, text:find "%(default:? [^)]+%)" ~= nil, argument.name)
      end
      local ok, message = load_without_arguments(name)
      assert.is_nil(ok)
      assert.matches("^scripts/policies/[%w-]+%.lua:%d+: want %u[^\n]*$", message)
    end)
  end
end)
