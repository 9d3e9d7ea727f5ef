-- SPDX-License-Identifier: MIT
-- Patterns as a policy matches them: the results, and the mistakes, are those of Lua's own library.
local native = require "watchio.native"

local ours = native.strings

local PIECES = {
  "a",
  "b",
  "c",
  ".",
  "%a",
  "%d",
  "%s",
  "%w",
  "%W",
  "[ab]",
  "[^a]",
  "[a-c]",
  "[%d%s]",
  "[]]",
  "[^]]",
  "%b()",
  "%f[a]",
  "%f[%w]",
  "%1",
  "%2",
  "(",
  "(",
  ")",
  ")",
  "()",
  "^",
  "$",
  "-",
  "*",
  "+",
  "?",
  "%",
  "[",
  "%z",
  "\0",
  "]",
  "%f",
  "%b",
  "%bx",
  "[a-",
  "[^",
  "%.",
  "x*",
  "x-",
}
local LETTERS = { "a", "b", "c", "(", ")", "1", " ", "\0", "]", "-", "x", "." }

local REPLACEMENTS = {
  "",
  "<%0>",
  "%1-%2",
  "%%",
  "%",
  "%x",
  "%9",
  7,
  true,
  { a = "A", b = false, x = {}, ["1"] = 1 },
  function(first, second)
    if first == "a" then return nil end
    if first == "b" then return {} end
    return tostring(second) .. tostring(first)
  end,
}

local function any(list, most)
  local words = {}
  for index = 1, math.random(0, most) do
    words[index] = list[math.random(#list)]
  end
  return table.concat(words)
end

local function sometimes(low, high) return math.random(4) == 1 and math.random(low, high) or nil end

local function all_of(gmatch, ...)
  local found = {}
  for first, second in gmatch(...) do
    found[#found + 1] = tostring(first) .. "|" .. tostring(second)
  end
  return table.concat(found, ";")
end

-- What a call gives, or what it raises; both libraries are called by one line, which is what an
-- error names.
local function outcome(library, name, ...)
  local results = table.pack(pcall(function(...)
    if name == "gmatch" then return all_of(library.gmatch, ...) end
    local found = table.pack(library[name](...))
    return table.unpack(found, 1, found.n)
  end, ...))
  return results
end

local function assert_same(name, ...)
  local want, got = outcome(string, name, ...), outcome(ours, name, ...)
  local words = {}
  for index, word in ipairs { ... } do
    words[index] = type(word) == "string" and ("%q"):format(word) or tostring(word)
  end
  assert.same(want, got, name .. " " .. table.concat(words, " "))
end

describe("patterns of a policy", function()
  it("give what Lua's own give, for thousands of random ones", function()
    local seed = os.time()
    math.randomseed(seed)
    print("seed " .. seed)
    for _ = 1, 5000 do
      local text, pattern = any(LETTERS, 12), any(PIECES, 7)
      local start = sometimes(-15, 15)
      assert_same("find", text, pattern, start, math.random(6) == 1)
      assert_same("match", text, pattern, start)
      assert_same("gmatch", text, pattern, start)
      assert_same(
        "gsub",
        text,
        pattern,
        REPLACEMENTS[math.random(#REPLACEMENTS)],
        sometimes(-1, 3)
      )
    end
  end)

  it("give the same for every class and every character", function()
    for letter = 0, 255 do
      local class = "%" .. string.char(letter)
      for code = 0, 255 do
        local text = string.char(code)
        local ok, found = pcall(string.find, text, class)
        local own_ok, own = pcall(ours.find, text, class)
        assert.equal(ok, own_ok)
        if ok then assert.equal(found, own, ("%q in %q"):format(class, text)) end
      end
    end
  end)

  it("are as deep, and hold as many captures", function()
    for _, pattern in ipairs {
      ("a?"):rep(199),
      ("a?"):rep(200),
      ("a?"):rep(201),
      ("()"):rep(32),
      ("()"):rep(33),
      ("(a"):rep(20),
      ("a*"):rep(250),
    } do
      assert_same("match", ("a"):rep(300), pattern)
    end
  end)

  it("take what is no string as Lua does", function()
    assert_same("find", 12345, 34)
    assert_same("gsub", 12345, "%d", "%0%0", 2)
    assert_same("find", nil, "x")
    assert_same("gsub", "x", {}, "y")
    assert_same("gsub", "x", "x")
    assert_same("find", "abc", "b", math.mininteger)
    assert_same("find", "abc", "", math.maxinteger)
    assert_same("gmatch", "abc", "", 10)
  end)

  it("leave a gsub open to its callback's errors and yields", function()
    local text = coroutine.wrap(function()
      return (ours.gsub("abc", "%w", function(letter) return letter:upper() end))
    end)()
    assert.equal("ABC", text)
    local ok, message = pcall(ours.gsub, "abc", "%w", function() error("no", 0) end)
    assert.is_false(ok)
    assert.equal("no", message)
  end)
end)
