-- SPDX-License-Identifier: MIT
-- Where a policy comes from: root's own files only, shipped ones by name, what lies beside it.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local QUITS = "quit(7)"

local function open_folder()
  local folder = e2e.folder()
  assert(uv.fs_chmod(folder, tonumber("777", 8)))
  return folder
end

describe("a policy that others can change", function()
  after_each(e2e.finish)

  for _, command in ipairs { "run", "check" } do
    it(("is refused to root by %s, with the reason"):format(command), function()
      if not e2e.is_root then return pending("needs root") end
      local folder = open_folder()
      local path = e2e.write(folder .. "/policy.lua", "print 'it ran' " .. QUITS)
      local watchio = e2e.watchio { command, path }
      watchio:ends_with(1)
      assert.equal(
        ("%s: anybody may write %s (want chmod o-w, or --insecure)\n"):format(path, folder),
        watchio.err
      )
      assert.equal("", watchio.out)
    end)
  end

  it("runs with --insecure", function()
    local path = e2e.write(open_folder() .. "/policy.lua", QUITS)
    e2e.watchio({ "run", "--insecure", path }):ends_with(7)
  end)

  it("runs for another user than root", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local path = e2e.write(open_folder() .. "/policy.lua", QUITS)
    local watchio = e2e.start { e2e.public_program(), "run", path, uid = 65534, gid = 65534 }
    watchio:ends_with(7)
  end)

  it("is refused when it is loaded anew, and the one before goes on", function()
    if not e2e.is_root then return pending("needs root") end
    local folder = e2e.folder()
    e2e.write(folder .. "/late.lua", "return 'found'")
    local path = e2e.write(
      folder .. "/policy.lua",
      'every("20ms", function() package.loaded.late = nil print((require "late")) end)'
    )
    local watchio = e2e.watchio { "run", path }
    watchio:says "found\n"
    assert(uv.fs_chmod(path, tonumber("666", 8)))
    watchio:signals "sighup"
    watchio:says(("anybody may write %s"):format(path:gsub("%p", "%%%0")))
    local so_far = #watchio.out
    watchio:until_it("more of the one before", function() return #watchio.out > so_far + 20 end)
    assert.is_nil(watchio.err:find("not found", 1, true))
  end)

  it("is not asked for on standard input, nor as a chunk", function()
    local folder = open_folder()
    e2e.watchio({ "run", "-", stdin = QUITS, cwd = folder }):ends_with(7)
    e2e.watchio({ "run", "-e", QUITS, cwd = folder }):ends_with(7)
  end)

  for verb, call in pairs { require = 'require "other"', dofile = "dofile(args[1])" } do
    it(("is refused to root as what %s loads"):format(verb), function()
      if not e2e.is_root then return pending("needs root") end
      local folder = e2e.folder()
      local other = e2e.write(folder .. "/other.lua", QUITS)
      local path = e2e.write(folder .. "/policy.lua", call)
      assert(uv.fs_chmod(other, tonumber("666", 8)))
      local watchio = e2e.watchio { "run", path, other }
      watchio:ends_with(1)
      assert.truthy(watchio.err:find("policy.lua:1:", 1, true), watchio.err)
      local reason = ("anybody may write %s (want chmod o-w"):format(other)
      assert.truthy(watchio.err:find(reason, 1, true), watchio.err)
      assert.truthy(watchio.err:find("^[^\n]+\n$"), watchio.err)
    end)
  end
end)

describe("what a policy requires", function()
  after_each(e2e.finish)

  it("lies beside it, wherever watchio was started", function()
    local folder = e2e.folder()
    e2e.write(folder .. "/site.lua", "return { status = 9 }")
    local path = e2e.write(folder .. "/policy.lua", 'quit(require("site").status)')
    e2e.watchio({ "run", path, cwd = "/" }):ends_with(9)
    e2e.watchio({ "run", "./policy.lua", cwd = folder }):ends_with(9)
  end)

  it("lies beside the file that a link leads to", function()
    local folder, links = e2e.folder(), e2e.folder()
    e2e.write(folder .. "/site.lua", "return { status = 9 }")
    e2e.write(folder .. "/policy.lua", 'quit(require("site").status)')
    assert(uv.fs_symlink(folder .. "/policy.lua", links .. "/linked.lua"))
    e2e.watchio({ "run", links .. "/linked.lua" }):ends_with(9)
  end)

  it("is never found because of where watchio was started", function()
    local folder = e2e.folder()
    e2e.write(folder .. "/site.lua", "return { status = 9 }")
    local chunk = 'if not pcall(require, "site") then quit(3) end '
      .. 'for entry in (package.path .. ";" .. package.cpath):gmatch "[^;]+" do '
      .. 'if entry:sub(1, 1) ~= "/" then quit(4) end end'
    for _, path in ipairs { "./?.lua;;", "?.lua", ";;./?.lua", "" } do
      e2e.watchio({ "run", "-e", chunk, cwd = folder, env = { LUA_PATH = path } }):ends_with(3)
    end
    local absolute = { LUA_PATH = "./?.lua;" .. folder .. "/?.lua;;" }
    local found = e2e.watchio { "run", "-e", 'quit(require("site").status)', env = absolute }
    found:ends_with(9)
  end)
end)

describe("what watchio itself needs", function()
  after_each(e2e.finish)

  -- A folder where each of it is planted: who runs it leaves a file behind.
  local function planted()
    local folder = e2e.folder()
    local plant = ("io.open(%q, 'w'):write(1)"):format(folder .. "/it-ran")
    for _, name in ipairs { "argparse", "dkjson", "luv", "lpeg", "watchio" } do
      e2e.write(("%s/%s.lua"):format(folder, name), plant)
    end
    return folder
  end

  it("is its own, whatever lies beside a policy or on a search path", function()
    local folder = planted()
    local path = e2e.write(folder .. "/policy.lua", "print((args[1])) quit(7)")
    local env = { LUA_PATH = folder .. "/?.lua;;", LUA_CPATH = folder .. "/?.lua;;" }
    for _, words in ipairs { { "run", path, "x" }, { "run", "--json", path, "x" } } do
      words.env, words.cwd = env, folder
      local watchio = e2e.watchio(words)
      watchio:ends_with(7)
      assert.matches("x\n", watchio.out .. watchio.err)
    end
    local match = e2e.watchio { "match", "--json", "pid=1", env = env, cwd = folder }
    match:ends(10)
    assert.is_nil(uv.fs_stat(folder .. "/it-ran"))
  end)

  it("reports in JSON where another's module lies beside root's policy", function()
    local folder = planted()
    assert(uv.fs_chmod(folder .. "/dkjson.lua", tonumber("666", 8)))
    local path = e2e.write(folder .. "/policy.lua", "log('said')() quit(0)")
    local watchio = e2e.watchio { "run", "--json", path, cwd = folder }
    watchio:ends_with(0)
    assert.equal("said", watchio:tells("log").message)
  end)

  it("looks for nothing of its own elsewhere, such as lpeg", function()
    local folder = planted()
    local watchio = e2e.watchio {
      "run",
      "-e",
      'print(pcall(require("dkjson").use_lpeg)) quit(0)',
      env = { LUA_PATH = folder .. "/?.lua;;" },
    }
    watchio:ends_with(0)
    assert.matches("false.*module 'lpeg' is not part of watchio", watchio.out)
    assert.is_nil(uv.fs_stat(folder .. "/it-ran"))
  end)
end)

describe("a shipped policy", function()
  after_each(e2e.finish)

  it("runs by its name, wherever watchio was started", function()
    local watchio = e2e.watchio { "check", "rebuild-while-read", "nginx", "make", cwd = "/" }
    watchio:ends_with(0)
    assert.truthy(watchio.out:find("run make, every 10m", 1, true), watchio.out)
  end)

  it("says under its name what it wants", function()
    local watchio = e2e.watchio { "run", "rebuild-while-read", cwd = "/" }
    watchio:ends_with(1)
    assert.truthy(
      watchio.err:find(
        "^rebuild%-while%-read:%d+: want SERVER[^\n]*\n"
          .. " *Usage: watchio run rebuild%-while%-read SERVER COMMAND [^\n]*\n"
      ),
      watchio.err
    )
  end)

  it("comes before a file of its name, which is meant by a slash", function()
    local folder = e2e.folder()
    e2e.write(folder .. "/rebuild-while-read", QUITS)
    local shipped = e2e.watchio { "check", "rebuild-while-read", "nginx", "make", cwd = folder }
    shipped:ends_with(0)
    assert.truthy(shipped.out:find("run make", 1, true), shipped.out)
    e2e.watchio({ "run", "./rebuild-while-read", cwd = folder }):ends_with(7)
  end)

  it("is meant by every word without a slash and .lua at its end", function()
    local folder = e2e.folder()
    e2e.write(folder .. "/mine", QUITS)
    e2e.write(folder .. "/mine.lua", QUITS)
    local watchio = e2e.watchio { "run", "mine", cwd = folder }
    watchio:ends_with(1)
    assert.equal(
      "mine: no shipped policy of that name (want ./mine for the file here)\n",
      watchio.err
    )
    e2e.watchio({ "run", "mine.lua", cwd = folder }):ends_with(7)
  end)

  it("is suggested for a misspelt name", function()
    for _, word in ipairs { "rebuild-while-raed", "rebuild-while-read.lua" } do
      local watchio = e2e.watchio { "run", word, cwd = "/" }
      watchio:ends_with(1)
      assert.equal(
        word
          .. ": no such file, and no shipped policy of that name "
          .. "(did you mean 'rebuild-while-read'?)\n",
        watchio.err
      )
    end
  end)

  local function shipped_policies()
    local texts = {}
    for file in uv.fs_scandir_next, (uv.fs_scandir("scripts/policies")) do
      texts[file:gsub("%.lua$", "")] = e2e.read("scripts/policies/" .. file)
    end
    return texts
  end

  it("is listed with its arguments and its first line, all of them", function()
    local watchio = e2e.watchio { "run", "--list" }
    watchio:ends_with(0)
    local listed = 0
    for name, text in pairs(shipped_policies()) do
      local about = text:match("^%-%- ([^\n]+)\n"):gsub("%p", "%%%0")
      local usage = text:match("\n%-%-%s+watchio run ([^\n]+)\n"):gsub("%p", "%%%0")
      assert.truthy(("\n" .. watchio.out):find(("\n%s +%s\n"):format(usage, about)), name)
      listed = listed + 1
    end
    assert.equal(listed, select(2, watchio.out:gsub("\n", "")))
  end)

  it("is suggested where help is asked for under a misspelt name", function()
    local watchio = e2e.watchio { "help", "kill-on-idel" }
    watchio:ends_with(2)
    assert.equal(
      "watchio: unknown command 'kill-on-idel' (did you mean 'kill-on-idle'?)",
      watchio.err:match "^[^\n]*"
    )
  end)

  it("shows its head where help is asked for, whichever way", function()
    for name, text in pairs(shipped_policies()) do
      local about = text:match("^%-%- ([^\n]+)\n")
      local usage = text:match("\n%-%-%s+(watchio run [^\n]+)\n")
      local last = text:match("^[%s%-]-(%-%- [^\n]*)\n[^-]")
        or text:match("\n(%-%- [^\n]*)\n[^-]")
      local help = e2e.watchio { "help", name }
      help:ends_with(0)
      assert.equal(
        1,
        help.out:find(("Usage: %s\n\n%s\n"):format(usage, about), 1, true),
        help.out
      )
      assert.truthy(help.out:find(last:gsub("^%-%- ", ""), 1, true), help.out)
      assert.is_nil(help.out:find("\n\n\n", 1, true), help.out)
      for _, words in ipairs { { "run", name, "--help" }, { "check", name, "-h" } } do
        local watchio = e2e.watchio(words)
        watchio:ends_with(0)
        assert.equal(help.out, watchio.out)
      end
    end
  end)
end)
