-- SPDX-License-Identifier: MIT
-- What the program's rights are used for: reading counters, never for what its user brings along.
local json = require "dkjson"
local e2e = require "spec.e2e.support"
local uv = require "luv"

local USER <const> = 54321 -- nobody has it
local SECRET <const> = "the secret of root"
local LENT <const> = "cap_sys_ptrace,cap_dac_read_search=p"
local OLD_STYLE <const> = "cap_sys_ptrace,cap_dac_read_search,cap_kill,cap_sys_nice+ep"
local NO_CAPABILITY <const> = ("0"):rep(16)

local folder, secret

-- A copy of the program that lends these capabilities; nil and why where that cannot be.
local function lending(capabilities)
  if not e2e.is_root then return nil, "needs root, to lend capabilities" end
  local program = e2e.public_program()
  local set = e2e.start {
    "/bin/sh",
    "-c",
    'PATH=$PATH:/usr/sbin:/sbin exec setcap "$@"',
    "sh",
    capabilities,
    program,
  }
  if set:ends() ~= 0 then return nil, "cannot set capabilities here: " .. set.err end
  return program
end

local function as_user(argv)
  argv.uid, argv.gid = USER, USER
  return e2e.start(argv)
end

-- A process of root's that reads and writes all the time.
local function busy()
  local process =
    e2e.start { "/bin/sh", "-c", "while :; do read -r line </proc/self/stat; sleep 0.02; done" }
  return process.pid
end

local function sets(text)
  local found = {}
  for name, set in text:gmatch("Cap(%u%l+):%s*(%x+)") do
    found[name] = set
  end
  return found
end

-- Chunks of Lua that return a text, each a way to what root keeps.
local WAYS = {
  ["io.open"] = "io.open(args[1]):read 'a'",
  ["io.lines"] = "io.lines(args[1])()",
  ["luv"] = "(function() local uv = require 'luv' local fd = assert(uv.fs_open(args[1], 'r', 0)) "
    .. "return uv.fs_read(fd, 100, 0) end)()",
  ["dofile"] = "dofile(args[1])",
  ["the memory map of another"] = "assert(io.open('/proc/1/maps')):read(args[1] and 'a')",
  ["the environment of another"] = "assert(io.open('/proc/1/environ')):read(args[1] and 'a')",
}

for style, capabilities in pairs { ["a copy with +p"] = LENT, ["a copy with +ep"] = OLD_STYLE } do
  describe(style .. ", for an ordinary user", function()
    before_each(function()
      folder = e2e.folder()
      secret = e2e.write(folder .. "/secret", SECRET)
      assert(uv.fs_chmod(secret, tonumber("600", 8)))
    end)
    after_each(e2e.finish)

    -- A spec with such a copy.
    local function test(body)
      return function()
        local program, why = lending(capabilities)
        if not program then return pending(why) end
        body(program)
      end
    end

    for name, way in pairs(WAYS) do
      it(
        "opens nothing of root's by " .. name,
        test(function(program)
          local policy = "print(pcall(function() return assert(" .. way .. ") end)) quit(0)"
          local watchio = as_user { program, "run", "-e", policy, secret }
          watchio:ends_with(0)
          assert.matches("^false", watchio.out)
        end)
      )
    end

    it(
      "runs policies and commands without any capability, and says so once",
      test(function(program)
        local watchio = as_user {
          program,
          "run",
          "-e",
          [[
        print(io.open("/proc/self/status"):read "a")
        watch { 1, on_start = run { "cat", "/proc/self/status", args[1] } }
        after("500ms", function() quit(0) end)]],
          secret,
        }
        watchio:ends_with(0)
        local seen = 0
        for status in (watchio.out .. watchio.err):gmatch("(Name:.-CapAmb:[^\n]*)") do
          for set, value in pairs(sets(status)) do
            if set ~= "Bnd" then assert.equal(NO_CAPABILITY, value, set) end
          end
          seen = seen + 1
        end
        assert.equal(2, seen, watchio:describe())
        assert.is_nil(watchio.out:find(SECRET, 1, true))
        local _, told = watchio.err:gsub("for reading only: 'run' goes on without them\n", "")
        assert.equal(1, told)
      end)
    )

    it(
      "lends exec and check nothing either",
      test(function(program)
        local exec = as_user { program, "exec", "--", "cat", "/proc/self/status" }
        exec:ends_with(0)
        for set, value in pairs(sets(exec.out)) do
          if set ~= "Bnd" then assert.equal(NO_CAPABILITY, value, set) end
        end
        local check =
          as_user { program, "check", "-e", "print(pcall(dofile, args[1]))", secret }
        check:ends(10)
        assert.is_nil((check.out .. check.err):find(SECRET, 1, true))
        assert.matches("without them", check.err)
      end)
    )

    it(
      "reads other users' counters",
      test(function(program)
        local pid = busy()
        local stat =
          as_user { program, "stat", "--json", "--every", "100ms", "--count", "2", pid }
        stat:ends_with(0)
        local moved = 0
        for _, event in ipairs(stat:events "sample") do
          moved = moved + event.rate.rchar
        end
        assert.is_true(moved > 0, stat:describe())
        as_user({ program, "poll", "--timeout", "10", pid }):ends_with(0)
        local doctor = as_user { program, "doctor", "--json" }
        doctor:ends_with(0)
        local facts = json.decode(doctor.out)
        assert.is_true(facts.capable.CAP_SYS_PTRACE)
        assert.is_false(facts.capable.CAP_KILL)
      end)
    )

    it(
      "holds nothing in effect, nor more than two, while it reads",
      test(function(program)
        local stat = as_user { program, "stat", "--every", "50ms", busy() }
        stat:says "\n.*\n"
        local status = e2e.read(("/proc/%d/status"):format(stat.pid))
        local found = sets(status)
        assert.equal("0000000000080004", found.Prm)
        assert.equal(NO_CAPABILITY, found.Inh)
        assert.equal(NO_CAPABILITY, found.Amb)
        -- Its user may not look into it meanwhile.
        local thief = as_user { "/bin/sh", "-c", ("exec 3<>/proc/%d/mem"):format(stat.pid) }
        assert.are_not.equal(0, thief:ends())
        assert.matches("[Pp]ermission denied", thief.err)
      end)
    )

    it(
      "signals nobody whom the user could not",
      test(function(program)
        local quiet = e2e.start { "sleep", "100" }
        local poll = as_user { program, "poll", "--kill", "--timeout", "200ms", quiet.pid }
        poll:ends_with(4)
        assert.matches("not permitted", poll.out .. poll.err)
        assert.is_true(e2e.alive(quiet.pid))
      end)
    )

    it(
      "looks at no search path of the environment",
      test(function(program)
        local plant = e2e.write(
          folder .. "/plant.lua",
          ("io.open(%q, 'w'):write(1)"):format(folder .. "/planted")
        )
        assert(uv.fs_chmod(folder, tonumber("777", 8)))
        for _, name in ipairs { "dkjson", "argparse", "luv", "lpeg", "luv/init" } do
          os.execute(("mkdir -p %s/luv && cp %s %s/%s.lua"):format(folder, plant, folder, name))
        end
        local path = folder .. "/?.lua;;"
        local env = {
          LUA_PATH = path,
          LUA_PATH_5_4 = path,
          LUA_CPATH = path,
          LUA_INIT = "@" .. plant,
          LD_DEBUG = "libs",
          LD_PRELOAD = folder .. "/none.so",
        }
        local stat = as_user {
          program,
          "stat",
          "--json",
          "--every",
          "50ms",
          "--count",
          "1",
          busy(),
          env = env,
          cwd = folder,
        }
        stat:ends_with(0)
        assert.equal("", stat.err) -- the loader would tell, and complain
        local run = as_user {
          program,
          "run",
          "--json",
          "-e",
          "print(package.path) quit(0)",
          env = env,
          cwd = folder,
        }
        run:ends_with(0)
        assert.is_nil(run.err:find(folder, 1, true), run.err)
        assert.is_nil(uv.fs_stat(folder .. "/planted"))
      end)
    )
  end)
end

describe("a setuid copy", function()
  after_each(e2e.finish)

  it("runs as who started it, and says so", function()
    if not e2e.is_root then return pending("needs root") end
    local program = e2e.public_program()
    assert(uv.fs_chmod(program, tonumber("6755", 8)))
    local watchio =
      as_user { program, "run", "-e", "print(io.open('/proc/self/status'):read 'a') quit(0)" }
    watchio:ends_with(0)
    local ids = ("\t%d"):format(USER):rep(4)
    assert.truthy(watchio.out:find("Uid:" .. ids, 1, true), watchio.out)
    assert.truthy(watchio.out:find("Gid:" .. ids, 1, true), watchio.out)
    assert.equal(NO_CAPABILITY, sets(watchio.out).Prm)
    assert.matches("^watchio: its file is setuid or setgid[^\n]*\n$", watchio.err)
  end)
end)

describe("a service with ambient capabilities", function()
  after_each(e2e.finish)

  -- Starts the program as systemd does with User= and AmbientCapabilities=.
  local function service(list, argv)
    if not e2e.is_root then return nil, "needs root, to start as a service does" end
    if os.execute("command -v setpriv >/dev/null") ~= true then return nil, "needs setpriv" end
    local full = {
      "setpriv",
      "--reuid=" .. USER,
      "--regid=" .. USER,
      "--clear-groups",
      "--inh-caps=" .. list,
      "--ambient-caps=" .. list,
      e2e.public_program(),
    }
    for index, word in ipairs(argv) do
      full[7 + index] = word
    end
    return e2e.start(full)
  end

  it("has none in effect for Lua and hands none on, but reads and kills with them", function()
    local quiet = e2e.start { "sleep", "100" }
    local hidden = e2e.write(e2e.folder() .. "/secret", SECRET)
    assert(uv.fs_chmod(hidden, tonumber("600", 8)))
    local watchio, why = service("+sys_ptrace,+dac_read_search,+kill", {
      "run",
      "--json",
      "-e",
      [[
      local status = io.open("/proc/self/status"):read "a"
      print(status)
      print("opened", (io.open(args[2])))
      watch { tonumber(args[1]), idle = "100ms",
        on_idle = { run { "cat", "/proc/self/status", output = "log" }, kill { grace = "5s" } } }
      ]],
      quiet.pid,
      hidden,
    })
    if not watchio then return pending(why) end
    watchio:ends_with(0)
    assert.matches("opened\tnil", watchio.err)
    local own = sets(watchio.err)
    assert.equal(NO_CAPABILITY, own.Eff)
    assert.equal(NO_CAPABILITY, own.Inh)
    assert.equal(NO_CAPABILITY, own.Amb)
    assert.are_not.equal(NO_CAPABILITY, own.Prm)
    local told = 0
    for _, event in ipairs(watchio:events "output") do
      local set, value = event.message:match("^Cap(%u%l+):%s*(%x+)")
      if set and set ~= "Bnd" then
        assert.equal(NO_CAPABILITY, value, set)
        told = told + 1
      end
    end
    assert.equal(4, told, watchio:describe())
    assert.is_false(e2e.alive(quiet.pid))
  end)

  it("becomes another user for a command, who has none", function()
    local watchio, why = service("+setuid,+setgid,+kill", {
      "run",
      "--json",
      "-e",
      'after(0, run { "cat", "/proc/self/status", user = "nobody", output = "log" })',
    })
    if not watchio then return pending(why) end
    watchio:ends_with(0)
    local text = {}
    for _, event in ipairs(watchio:events "output") do
      text[#text + 1] = event.message
    end
    text = table.concat(text, "\n")
    assert.matches("Uid:\t65534\t65534\t65534\t65534", text)
    for set, value in pairs(sets(text)) do
      if set ~= "Bnd" then assert.equal(NO_CAPABILITY, value, set) end
    end
  end)
end)

describe("root", function()
  after_each(e2e.finish)

  it("may in a policy what root may", function()
    if not e2e.is_root then return pending("needs root") end
    local path = e2e.write(e2e.folder() .. "/secret", SECRET)
    assert(uv.fs_chmod(path, 0))
    local watchio =
      e2e.watchio { "run", "-e", "print(io.open(args[1]):read 'a') quit(0)", path }
    watchio:ends_with(0)
    assert.equal(SECRET .. "\n", watchio.out)
  end)
end)

describe("doctor", function()
  after_each(e2e.finish)

  local function warned(capabilities, mode)
    local program, why = lending(capabilities)
    if not program then return nil, why end
    assert(uv.fs_chmod(program, tonumber(mode, 8)))
    local doctor = as_user { program, "doctor", "--json" }
    doctor:ends_with(0)
    return table.concat(json.decode(doctor.out).warnings, "\n")
  end

  it("warns of a copy that is not safe", function()
    local text, why = warned(OLD_STYLE, "755")
    if not text then return pending(why) end
    assert.matches("anybody may start", text)
    assert.matches("before it can put them aside", text)
    assert.matches("does not use", text)
  end)

  it("warns of nothing where only a group may start it", function()
    local program, why = lending(LENT)
    if not program then return pending(why) end
    assert(uv.fs_chown(program, 0, USER))
    local set =
      e2e.start { "/bin/sh", "-c", 'chmod 750 "$2"; exec setcap "$@"', "sh", LENT, program }
    set:ends_with(0)
    local doctor = as_user { program, "doctor", "--json" }
    doctor:ends_with(0)
    assert.same({}, json.decode(doctor.out).warnings)
  end)
end)
