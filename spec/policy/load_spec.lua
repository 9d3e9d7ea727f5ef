-- SPDX-License-Identifier: MIT
local uv = require "luv"
local leaks = require "spec.support.leaks"
local modules = require "watchio.policy.modules"
local policy = require "watchio.policy.load"
local session = require "watchio.watch.session"

local WRONG = "spec/policies/wrong"

-- Loads a policy as the program does; returns what load returns, and the session, closed.
local function load_policy(source, args)
  local it_session = session.new { virtual = true }
  local module = package.loaded.watchio
  local printed = {}
  local ok, message = policy.load(
    it_session,
    source,
    args or {},
    function(text) printed[#printed + 1] = text end
  )
  package.loaded.watchio = module
  it_session:close()
  return ok, message, it_session, table.concat(printed)
end

local function load_text(text, args) return load_policy(policy.chunk(text), args) end

local function wrong_policies()
  local paths = {}
  local entries = assert(uv.fs_scandir(WRONG))
  local name = uv.fs_scandir_next(entries)
  while name do
    paths[#paths + 1] = WRONG .. "/" .. name
    name = uv.fs_scandir_next(entries)
  end
  table.sort(paths)
  return paths
end

describe("a wrong policy", function()
  local before
  before_each(function() before = leaks.before() end)
  after_each(function() leaks.check(before) end)

  for _, path in ipairs(wrong_policies()) do
    it("is refused in one line: " .. path, function()
      local source = assert(policy.read(path))
      local expected = path .. ":" .. source.text:match("^%-%- POLICY:([^\n]*)")
      local ok, message = load_policy(source)
      assert.is_nil(ok)
      assert.equal(expected, message)
    end)
  end

  it("is refused when it is missing, a folder, or binary", function()
    assert.same(
      { nil, "no/such.lua: no such file or directory" },
      { policy.read "no/such.lua" }
    )
    assert.same({ nil, "spec: is a directory" }, { policy.read "spec" })
    for _, text in ipairs { "\27Lua", "a\0b" } do
      assert.equal("-e:1: is binary (want a Lua script)", select(2, load_text(text)))
    end
  end)

  it("keeps the full name of a file in a deep folder", function()
    local path = ("deep/"):rep(30) .. "policy.lua"
    local source = { name = path, chunk_name = "@" .. path, text = "wach {}" }
    local _, message = load_policy(source)
    assert.equal(path .. ":1: unknown verb 'wach' (did you mean 'watch'?)", message)
  end)

  it("is told which events there are, and what a verb wants", function()
    local _, message = load_text 'watch { "nginx", on_stop = "make" }'
    assert.matches("unknown key 'on_stop' %(want on_active, .*on_exit, .*%)", message)
    _, message = load_text 'watch { "nginx", on_idle = kill { "TERM" } }'
    assert.matches('kill: "TERM" has no key %(want alone, grace, .*signal.*%)', message)
    _, message = load_text 'watch { "nginx" }\nkill()'
    assert.matches("^%-e:2: kill .* never runs %(want", message)
  end)

  it("leaves nothing behind for the next one", function()
    load_text 'watch { "nginx" } kill() error "x"'
    collectgarbage()
    assert.is_true((load_text 'watch { "nginx" }'))
  end)

  it("is refused in one line, whatever it raises", function()
    local _, message = load_text 'error("two\\nlines\\27[1m", 0)'
    assert.equal("-e:1: two\\nlines\\x1b[1m", message)
  end)
end)

describe("a policy", function()
  it("has the verbs and the standard library in scope", function()
    local ok, message = load_text [[
      watch { "nginx", every = "5s", while_active = { every = "10m", run { "make" } } }
      watch { cmd = "kernel", user = "root", idle = "1h", on_idle = kill { grace = "30s" } }
      watch { pid = 1, on_exit = { log("gone"), function() quit(3) end } }
      after("1h", "echo") every("1m", function() end)
      assert(type(find { name = "*" }) == "table")
      assert(string.format("%d", math.max(1, 2)) == "2" and os.time() and io.open and io.write)
      own_global = 1
      assert(own_global == 1 and _G.own_global == 1)
    ]]
    assert.is_true(ok, message)
  end)

  it("gets what follows it on the command line", function()
    local ok, message = load_text(
      [[
      assert(args[1] == "-x" and args[2] == "two" and ... == "-x")
      after("1s", "echo")
    ]],
      { "-x", "two" }
    )
    assert.is_true(ok, message)
  end)

  it("gets its own verbs from require", function()
    local ok, message, it_session = load_text [[
      local watchio = require "watchio"
      watchio.watch { "nginx" }
      watchio.loop()
    ]]
    assert.is_true(ok, message)
    assert.equal(1, #it_session.edition.watches)
  end)

  it("sees its verbs through load, too", function()
    local ok, message, it_session = load_text [[ load 'watch { "nginx" }' () ]]
    assert.is_true(ok, message)
    assert.equal(1, #it_session.edition.watches)
  end)

  it("prints where it is told to", function()
    local _, _, _, printed = load_text 'print("a", 1, nil) after("1s", "echo")'
    assert.equal("a\t1\tnil\n", printed)
  end)

  it("reads the counters of a process with io(pid)", function()
    local ok, message = load_text(([[
      assert(io(%d).rchar > 0)
      assert(not pcall(function() return io(%d).rchr end))
      after("1s", "echo")
    ]]):format(uv.os_getpid(), uv.os_getpid()))
    assert.is_true(ok, message)
  end)

  it(
    "may begin with #! and a byte order mark",
    function()
      assert.is_true((load_text "\u{feff}#!/usr/bin/env -S watchio run\nafter('1s', 'echo')"))
    end
  )

  it(
    "keeps for later what it makes and passes on",
    function()
      assert.is_true((load_text [[
      local later, never = run "make", kill()
      watch { "nginx", on_idle = function(...) later(...) end, on_exit = quit(3) }
      keep = never
    ]]))
    end
  )

  it("quits by a handler that is quit(…), not while it loads", function()
    local ok, _, it_session = load_text 'watch { "nginx", on_exit = quit(7) }'
    assert.is_true(ok)
    assert.is_nil(it_session.status)
  end)

  it("may quit while it loads", function()
    local ok, _, it_session = load_text "quit(7)"
    assert.is_true(ok)
    assert.equal(7, it_session.status)
  end)
end)

describe("the arguments of a policy", function()
  local refused = {
    { "b.lua", "run several policies as several processes" },
    { "-e", "want both chunks in one -e" },
    { "--dry-run", "an option of watchio stands before the policy" },
    { "nginx", "a policy reads them from args" },
  }
  for _, case in ipairs(refused) do
    it("are refused where it never reads them: " .. case[1], function()
      local _, message = load_text('watch { "nginx" }', { case[1], "more" })
      assert.equal(
        ("-e: takes no arguments, but was given '%s' (%s)"):format(case[1], case[2]),
        message
      )
    end)
  end

  local read = {
    ["by their name"] = "watch { args[1] }",
    ["as the chunk's own"] = "local name = ... watch { name }",
    ["in a handler only"] = 'watch { "nginx", on_idle = function() print(args[1]) end }',
  }
  for how, text in pairs(read) do
    it(
      "are taken where it reads them " .. how,
      function() assert.is_true((load_text(text, { "nginx" }))) end
    )
  end

  it(
    "are not meant by a name that only looks like theirs",
    function()
      assert.is_nil((load_text('local kwargs, args2 = 1, 2 watch { "nginx" }', { "x" })))
    end
  )
end)

describe("what a policy requires", function()
  local folder
  before_each(function() folder = assert(uv.fs_mkdtemp "/tmp/watchio-spec-XXXXXX") end)
  after_each(function() os.execute("rm -rf '" .. folder .. "'") end)

  local function write(name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    return folder .. "/" .. name
  end

  local function load_file(text, args)
    local source = assert(policy.read(write("policy.lua", text)))
    local ok, message, it_session = load_policy(source, args)
    modules.unload(it_session.edition)
    return ok, message, it_session, source
  end

  it("has the verbs, the arguments and the other modules, and leaves no global", function()
    write(
      "own_rules.lua",
      'require "own_words" watch { args[1], on_idle = log(WORDS) } shared = 1'
    )
    write("own_words.lua", 'WORDS = "from afar"')
    local ok, message, it_session =
      load_file('require "own_rules" assert(shared == 1)', { "nginx" })
    assert.is_nil(message)
    assert.is_true(ok)
    assert.equal(1, #it_session.edition.watches)
    assert.is_nil(rawget(_G, "shared"))
    assert.is_nil(rawget(_G, "WORDS"))
  end)

  it("is named with its line where it is wrong", function()
    write("own_rules.lua", "\nwatch { 1, on_idel = 1 }")
    local _, message = load_file 'require "own_rules"'
    assert.matches("^/tmp/[^\n]*/own_rules%.lua:2: watch: unknown key 'on_idel'", message)
  end)

  it("is missed at the policy's line", function()
    local _, message, _, source = load_file '\nrequire "no_such_module"'
    assert.equal(
      (
        "%s/policy.lua:2: module 'no_such_module' not found "
        .. "(neither beside the policy nor installed)"
      ):format(folder),
      message
    )
    assert.same({ folder .. "/no_such_module.lua" }, source.files)
  end)
end)
