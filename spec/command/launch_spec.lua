-- SPDX-License-Identifier: MIT
-- What the C module does for the start of commands.
local native = require "watchio.native"
local uv = require "luv"

describe("a user", function()
  it("is found by name and by number, with all groups", function()
    local root = assert(native.user "root")
    assert.same({ "root", 0, 0 }, { root.name, root.uid, root.gid })
    assert.same(root, native.user "0")
    local first
    for _, group in ipairs(root.groups) do
      first = first or group == root.gid
    end
    assert.is_true(first)
  end)

  for what, user in pairs {
    ["a name that nobody has"] = "no-such-user",
    ["a number that nobody has"] = "3999999",
    ["the number that means nobody"] = "4294967295",
    ["nothing"] = "",
    ["a sign"] = "-1",
    ["a number with more behind it"] = "0x",
  } do
    it(("is not found by %s"):format(what), function()
      local found, _, code = native.user(user)
      assert.same({ nil, "ENOENT" }, { found, code })
    end)
  end
end)

describe("a text as an input", function()
  for what, text in pairs {
    ["nothing"] = "",
    ["any bytes"] = "\0\n\255",
    ["more than a pipe holds"] = ("x"):rep(300000),
  } do
    it(("can be read from its beginning to its end: %s"):format(what), function()
      local fd = assert(native.input(text))
      assert.equal(text, uv.fs_read(fd, #text + 1))
      uv.fs_close(fd)
    end)
  end
end)

describe("a launch", function()
  local function files()
    local pipe <close> = assert(io.popen("ulimit -n"))
    return pipe:read "n"
  end

  it("returns what it calls returns, and passes its errors on", function()
    local function start(a, b) return a + b, nil, "x" end
    assert.same({ 3, nil, "x" }, { native.launch(nil, start, 1, 2) })
    local before = files()
    local ok, message = pcall(native.launch, nil, error, { "mine" })
    assert.same({ false, "mine", before }, { ok, message[1], files() })
  end)

  it("raises on a user that is none", function()
    local wrong = { "root", {}, { uid = 0, gid = 0 }, { uid = "x", gid = 0, groups = {} } }
    for _, user in ipairs(wrong) do
      assert.is_false(pcall(native.launch, user, print))
    end
  end)
end)
