-- SPDX-License-Identifier: MIT
-- Which files root may run: those that nobody else can change.
local uv = require "luv"
local trust = require "watchio.policy.trust"

local is_root = uv.getuid() == 0

describe("trust in a file", function()
  local folder

  before_each(function()
    folder = assert(uv.fs_mkdtemp("/tmp/watchio-trust-XXXXXX"))
    assert(uv.fs_chmod(folder, tonumber("755", 8)))
  end)
  after_each(function() os.execute(("rm -rf '%s'"):format(folder)) end)

  local function path(name) return folder .. "/" .. name end

  local function make_file(name, mode, owner)
    local file <close> = assert(io.open(path(name), "w"))
    file:write "return 1"
    assert(uv.fs_chmod(path(name), tonumber(mode or "644", 8)))
    if owner then assert(uv.fs_chown(path(name), owner, 0)) end
    return path(name)
  end

  local function make_folder(name, mode, owner)
    assert(uv.fs_mkdir(path(name), 511))
    assert(uv.fs_chmod(path(name), tonumber(mode or "755", 8)))
    if owner then assert(uv.fs_chown(path(name), owner, 0)) end
  end

  local function link(goal, name, owner)
    assert(uv.fs_symlink(goal, path(name)))
    if owner then assert(uv.fs_lchown(path(name), owner, 0)) end
  end

  local function needs_root(body)
    return function()
      if not is_root then return pending("needs root, to own files") end
      body()
    end
  end

  -- What is made, and why the file is refused; FOLDER stands for the folder of the spec.
  local cases = {
    ["root's own file"] = { function() return make_file "p.lua" end },
    ["a file that anybody may write"] = {
      function() return make_file("p.lua", "646") end,
      "anybody may write FOLDER/p.lua (want chmod o-w, or --insecure)",
    },
    ["a file that its group may write"] = {
      function() return make_file("p.lua", "664") end,
      "its group may write FOLDER/p.lua (want chmod g-w, or --insecure)",
    },
    ["a file of another user"] = {
      function() return make_file("p.lua", "644", 12345) end,
      "FOLDER/p.lua belongs to 12345, not to root (want chown root, or --insecure)",
    },
    ["a file below a folder that anybody may write"] = {
      function()
        make_folder("a", "777")
        make_folder("a/b")
        return make_file "a/b/p.lua"
      end,
      "anybody may write FOLDER/a (want chmod o-w, or --insecure)",
    },
    ["root's file in a sticky folder"] = {
      function()
        make_folder("a", "1777")
        return make_file "a/p.lua"
      end,
    },
    ["a file in another's sticky folder"] = {
      function()
        make_folder("a", "1777", 12345)
        return make_file "a/p.lua"
      end,
      "FOLDER/a belongs to 12345, not to root (want chown root, or --insecure)",
    },
    ["a link to root's file"] = {
      function()
        make_file "p.lua"
        link("./x/../p.lua", "link.lua")
        make_folder "x"
        return path "link.lua"
      end,
    },
    ["a link to a folder that anybody may write"] = {
      function()
        make_folder("a", "777")
        make_file "a/p.lua"
        link(path "a", "b")
        return path "b/p.lua"
      end,
      "anybody may write FOLDER/a (want chmod o-w, or --insecure)",
    },
    ["a way through a folder that anybody may write, and back"] = {
      function()
        make_folder("a", "777")
        make_file "p.lua"
        return path "a/../p.lua"
      end,
      "anybody may write FOLDER/a (want chmod o-w, or --insecure)",
    },
    ["another user's link"] = {
      function()
        make_file "p.lua"
        link("p.lua", "link.lua", 12345)
        return path "link.lua"
      end,
      "FOLDER/link.lua belongs to 12345, not to root (want chown root, or --insecure)",
    },
    ["links in a circle"] = {
      function()
        link("b", "a")
        link("a", "b")
        return path "a"
      end,
      "too many symbolic links",
    },
  }
  for what, case in pairs(cases) do
    it(
      ("is right for %s"):format(what),
      needs_root(function()
        local make, reason = table.unpack(case)
        local file = make()
        local ok, message = trust.check(file)
        if not reason then return assert.is_true(ok, message) end
        assert.is_nil(ok)
        assert.equal(("%s: %s"):format(file, (reason:gsub("FOLDER", folder))), message)
      end)
    )
  end

  it(
    "is right for a relative path",
    needs_root(function()
      local here = uv.cwd()
      make_folder("a", "777")
      make_file "a/p.lua"
      assert(uv.chdir(folder))
      local _, message = trust.check "a/p.lua"
      uv.chdir(here)
      assert.equal(
        ("a/p.lua: anybody may write %s/a (want chmod o-w, or --insecure)"):format(folder),
        message
      )
    end)
  )

  it(
    "is given to what root has opened already",
    needs_root(function()
      local ends = assert(uv.pipe())
      assert.is_true(trust.check(("/dev/fd/%d"):format(ends.read)))
      uv.fs_close(ends.read)
      uv.fs_close(ends.write)
    end)
  )

  it("is not given to a user's own file by root", function()
    if is_root then return pending("needs another user than root") end
    local _, message = trust.check(make_file "p.lua")
    assert.truthy(message:find("not to root", 1, true))
  end)

  it(
    "is asked of what is required, too, until it is taken back",
    needs_root(function()
      make_folder("a", "777")
      make_file "a/watchio_untrusted.lua"
      local usual = package.path
      package.path = folder .. "/a/?.lua;" .. usual
      local release = trust.demand()
      local ok, message = pcall(require, "watchio_untrusted")
      release()
      local later = require "watchio_untrusted"
      package.path, package.loaded.watchio_untrusted = usual, nil
      assert.is_false(ok)
      assert.truthy(
        message:find(
          ("%s/a/watchio_untrusted.lua: anybody may write %s/a"):format(folder, folder),
          1,
          true
        ),
        message
      )
      assert.equal(1, later)
    end)
  )

  it("is not asked of a file that is not there, nor where nobody demands it", function()
    assert.is_true(trust.may_load(path "none.lua"))
    assert.is_true(trust.may_load(make_file("p.lua", "666")))
    assert.equal(is_root, trust.is_wanted())
  end)
end)
