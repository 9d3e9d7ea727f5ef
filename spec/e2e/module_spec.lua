-- SPDX-License-Identifier: MIT
-- `require "watchio"` in plain Lua, and what `cmake --install` puts elsewhere.
local e2e = require "spec.e2e.support"

local in_tree = {
  LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(e2e.root, e2e.root),
  LUA_CPATH = ("%s/build/release/lib/lua/5.4/?.so;;"):format(e2e.root),
}

-- A watch and a timer of luv, beside each other on one loop.
local both = [[
local uv = require "luv"
local watchio = require "watchio"

local beats = 0
local timer = uv.new_timer()
timer:start(20, 20, function()
  beats = beats + 1
  if beats == 3 then print "three beats" end
end)

local watch
watch = watchio.watch {
  tonumber(arg[1]), every = "20ms", idle = "200ms",
  on_active = function(target) print("active", target.pid) end,
  on_exit = function(target)
    print("exit", target.pid)
    timer:close()
    watch:stop()
  end,
}
if arg[2] == "uv" then uv.run() else watchio.loop() end
print "done"
]]

local function assert_runs_both(target, script)
  script:says("three beats")
  script:until_it("activity", function()
    target:writes("hello\n")
    return script.out:find("active\t" .. target.pid, 1, true)
  end)
  target:signals("sigterm")
  script:says("exit\t" .. target.pid)
  script:ends_with(0)
  assert.truthy(script.out:find("done\n$"))
end

describe("the module in plain Lua", function()
  after_each(e2e.finish)

  for _, loop in ipairs { "watchio", "uv" } do
    it("runs a watch and a luv timer on the loop of " .. loop, function()
      local target = e2e.echoer()
      assert_runs_both(
        target,
        e2e.start {
          e2e.lua,
          "-e",
          both,
          "-",
          target.pid,
          loop,
          env = in_tree,
        }
      )
    end)
  end

  it("ends well after quit, and what is left of the session speaks plainly", function()
    local target = e2e.echoer()
    local script = e2e.start {
      e2e.lua,
      "-e",
      [[
      local watchio = require "watchio"
      local pid = tonumber(arg[1])
      local seen
      local poller = watchio.new({ pid }, { timeout = 1 })
      local timer = watchio.every("1h", "true")
      local watch
      watch = watchio.watch { pid, on_start = function(t) seen = t watchio.quit(2) end }
      print(watchio.loop())
      print(seen.pid, seen.name == arg[2], seen.state, seen.pids[1] == pid, #watch:targets())
      watch:stop()
      timer:stop()
      for _, ask in ipairs { function() return seen:alive() end, function() poller:update() end } do
        print(select(2, pcall(ask)))
      end
      watchio.after(0, function() watchio.quit(3) end)
      print(watchio.loop())
    ]],
      "-",
      target.pid,
      target.name,
      env = in_tree,
    }
    script:ends_with(0)
    assert.equal(
      ("2\n%d\ttrue\tquiet\ttrue\t0\n"):format(target.pid),
      script.out:match("^.-\n.-\n")
    )
    assert.truthy(script.out:find("\n3\n$"))
    local _, plain = script.out:gsub("%(command line%):%d+: watchio has quit", "")
    assert.equal(2, plain, script.out)
  end)

  it("may end with the status with which watchio run would", function()
    local cases = {
      { 'watchio.after(0, "true")', 0 },
      { "watchio.after(0, function() watchio.quit(7) end)", 7 },
      { "watchio.watch { 4194000 }", 3 },
    }
    for _, case in ipairs(cases) do
      local script = 'local watchio = require "watchio" %s os.exit(watchio.loop())'
      e2e.start({ e2e.lua, "-e", script:format(case[1]), env = in_tree }):ends_with(case[2])
      e2e
        .watchio({ "run", "-e", script:gsub("os.exit(%b())", "local _ = %1"):format(case[1]) })
        :ends_with(case[2])
    end
  end)

  it("polls, reads counters and finds processes", function()
    local target = e2e.echoer()
    local script = e2e.start {
      e2e.lua,
      "-e",
      [[
      local watchio = require "watchio"
      local pid, name = tonumber(arg[1]), arg[2]
      print("io", watchio.io(pid).syscr > 0)
      print("found", watchio.find(name)[1] == pid)
      print("quiet", (watchio.poll({ pid }, { timeout = 0.2, step = 0.05 })))
      print("gone", watchio.poll({ 4194303 }, { timeout = 1 }))
      local again = watchio.new({ pid }, { timeout = 10, step = 0.05 })
      print("now", (again:update()))
      io.read()
      print("moved", (again:poll()))
      os.exit(0, true)
    ]],
      "-",
      target.pid,
      target.name,
      input = true,
      env = in_tree,
    }
    script:says("now\t0")
    target:writes("hello\n")
    target:says("hello")
    script:writes("\n")
    script:ends_with(0)
    local gone = script.out:match("gone\t([^\n]*)\n")
    assert.truthy(gone:find("^nil\t.*4194303.*\tESRCH$"), gone)
    assert.equal(
      "io\ttrue\nfound\ttrue\nquiet\t-1\nnow\t0\nmoved\t1\n",
      (script.out:gsub("gone[^\n]*\n", ""))
    )
  end)
end)

local quitting = "print 'here' after('10ms', function() quit(7) end)"

describe("what cmake --install installs", function()
  local prefix

  before_each(function()
    prefix = e2e.folder()
    local install = e2e.start {
      "cmake",
      "--install",
      e2e.root .. "/build/release",
      "--prefix",
      prefix,
    }
    install:ends_with(0)
  end)
  after_each(e2e.finish)

  ---Starts argv where the whole tree, build folder and all, is hidden under an empty folder.
  local function without_tree(options)
    local hide = 'mount -t tmpfs none "$1" && shift && exec "$@"'
    local argv = { "unshare", "--mount", "--map-root-user", "sh", "-c", hide, "sh", e2e.root }
    if e2e.is_root then table.remove(argv, 3) end
    table.move(options, 1, #options, #argv + 1, argv)
    argv.cwd, argv.env, argv.input = "/", options.env, options.input
    return e2e.start(argv)
  end

  local function can_hide() return without_tree({ "true" }):ends() == 0 end

  local function installed(name)
    local find = e2e.start { "find", prefix, "-name", name }
    find:ends()
    return assert(find.out:match("[^\n]+"), name .. " is not installed")
  end

  it("is a program that works without the tree", function()
    if not can_hide() then return pending("no mount namespace may be made here") end
    local watchio = without_tree { prefix .. "/bin/watchio", "run", "-e", quitting }
    watchio:ends_with(7)
    assert.equal("here\n", watchio.out)
  end)

  it("is a module that works without the tree", function()
    if not can_hide() then return pending("no mount namespace may be made here") end
    local share = installed("init.lua"):match("^(.*)/watchio/")
    local paths = {
      LUA_PATH = ("%s/?.lua;%s/?/init.lua;;"):format(share, share),
      LUA_CPATH = installed("native.so"):match("^(.*)/watchio/") .. "/?.so;;",
    }
    local target = e2e.echoer()
    local script = without_tree { e2e.lua, "-e", both, "-", target.pid, env = paths }
    assert_runs_both(target, script)
  end)
end)
