-- SPDX-License-Identifier: MIT
-- Targets of several real processes: totals, idleness and kills of whole trees.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local MEASURES = {
  "rchar",
  "wchar",
  "syscr",
  "syscw",
  "read_bytes",
  "write_bytes",
  "cancelled_write_bytes",
}

local function counters(pid)
  local text = assert(e2e.read(("/proc/%d/io"):format(pid)))
  local io = {}
  for name, value in text:gmatch("(%S+): (%d+)") do
    io[name] = math.tointeger(value)
  end
  return io
end

-- Many short jobs, two at a time: each reads and writes through children of its own.
local MAKEFILE = [[
JOBS := $(shell seq 150)
all: $(JOBS)
$(JOBS):
	@head -c $$((1000 + $@ * 7)) /dev/zero >out.$@; cat out.$@ out.$@ >/dev/null
]]

-- make waits for a line, runs, and stays a zombie: its parent is a sleep by then, which waits for
-- nobody.
local HELD = [[
  exec 3<&0
  (read -r _; exec make -s -j2 >/dev/null) <&3 &
  echo "pid $!"
  exec sleep 1000
]]

-- Waits for a line; then each link forks the next, $1 seconds later, and ends. The first one stays.
local CHAIN = [[
  read -r _
  link() {
    sleep "$2"
    if [ "$1" = 0 ]; then echo "last $(exec sh -c 'echo $PPID')"; exec sleep 1000; fi
    (link $(($1 - 1)) "$2") &
  }
  (link 4 "$1") &
  while :; do sleep 0.05; done
]]

describe("a tree", function()
  after_each(e2e.finish)

  for _, every in ipairs { "10ms", "100ms", "1s" } do
    it("of make -j2 counts every byte once, sampled every " .. every, function()
      if not e2e.is_root then return pending("needs root, to read a zombie's counters") end
      local folder = e2e.folder()
      e2e.write(folder .. "/Makefile", MAKEFILE)
      local shell = e2e.start { "/bin/sh", "-c", HELD, cwd = folder, input = true }
      local pid = math.tointeger(tonumber(shell:says("pid (%d+)")))
      local watchio = e2e.watchio {
        "run",
        "--json",
        "-e",
        'watch { tonumber(args[1]), every = args[2], idle = "1h" }',
        pid,
        every,
      }
      watchio:tells("start", pid)
      local before = counters(pid)
      shell:writes("go\n")
      local exit = watchio:tells("exit", pid, 30)
      local after = counters(pid) -- a zombie's, with all that it has waited for
      for _, name in ipairs(MEASURES) do
        assert.equal(after[name] - before[name], exit.total[name], name)
      end
      assert.is_true(exit.total.wchar > 150 * 1000)
    end)
  end

  it("is not idle while a child works", function()
    local shell =
      e2e.start { "/bin/sh", "-c", "(while :; do echo x; sleep 0.05; done >/dev/null) & wait" }
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "20ms", idle = "300ms", on_idle = kill {} }
      after("1500ms", function() quit(7) end)
    ]],
      shell.pid,
    }
    watchio:ends_with(7)
    assert.equal(0, #watchio:events("idle"))
    assert.is_true(e2e.alive(shell.pid))
  end)

  it("is ended whole, with children that are forked meanwhile", function()
    local shell = e2e.start {
      "/bin/sh",
      "-c",
      [[
      trap "" TERM
      (trap "" TERM; while :; do sleep 0.1; done) &
      (exec sleep 1000) &
      echo "$!"
      wait
      while :; do sleep 0.1; done
    ]],
    }
    local sleeper = tonumber(shell:says("(%d+)\n"))
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      local asked = false
      watch { tonumber(args[1]), every = "20ms", idle = "1h", on_start = function(target)
        after("200ms", function() target:kill { grace = "500ms" } end)
      end }
    ]],
      shell.pid,
    }
    watchio:tells("killed", shell.pid)
    watchio:ends_with(0)
    assert.is_false(e2e.alive(shell.pid))
    assert.is_false(e2e.alive(sleeper))
    assert.same({ "TERM", "KILL" }, {
      watchio:events("kill")[1].signal,
      watchio:events("kill")[2].signal,
    })
  end)

  for _, pause in ipairs { "0", "0.02", "0.1" } do
    it("of forks whose parents are gone, " .. pause .. " s apart, is ended whole", function()
      if not e2e.births_are_told() then return pending("needs the news of births") end
      local shell = e2e.start { "/bin/sh", "-c", CHAIN, "sh", pause, input = true }
      local watchio = e2e.watchio {
        "run",
        "--json",
        input = true,
        "-e",
        [[
        watch { tonumber(args[1]), idle = "1h", on_start = function(target)
          local input = assert(require("luv").new_pipe())
          input:open(0)
          input:read_start(function() target:kill { grace = "100ms" } input:close() end)
        end }
      ]],
        shell.pid,
      }
      watchio:tells("start", shell.pid)
      shell:writes("go\n")
      local last = tonumber(shell:says("last (%d+)"))
      watchio:writes("end them\n")
      watchio:tells("killed", shell.pid)
      assert.is_false(e2e.alive(last))
    end)
  end

  it("that goes into the background has not ended", function()
    if not e2e.births_are_told() then return pending("needs the news of births") end
    local shell = e2e.start {
      "/bin/sh",
      "-c",
      [[
      read -r _
      sleep 1000 >/dev/null 2>&1 &
      echo "left $!"
    ]],
      input = true,
    }
    local watchio = e2e.watchio {
      "run",
      "--json",
      "-e",
      [[
      watch { tonumber(args[1]), every = "1h", idle = "1h", on_start = function(target)
        every("10ms", function()
          if target.pids[1] and target.pids[1] ~= target.pid then log("goes on") end
        end)
      end }
    ]],
      shell.pid,
    }
    watchio:tells("start", shell.pid)
    shell:writes("go\n")
    local left = tonumber(shell:says("left (%d+)"))
    watchio:tells("log")
    assert.same({}, watchio:events("exit"))
    uv.kill(left, "sigterm")
    watchio:tells("exit", shell.pid)
  end)

  it("names its processes; with per they are one target each, or one of all", function()
    local path, name = e2e.named("/bin/sleep")
    local shell = e2e.shell('"$1" 1000 & "$1" 1001 & wait', path)
    local policy = [[
      watch { tonumber(args[1]), every = "20ms", on_start = function(t)
        after("200ms", function() print("tree", #t.pids) end)
      end }
      watch { name = args[2], per = "process", every = "20ms", on_start = function(t)
        print("alone", #t.pids)
      end }
      watch { name = args[2], per = "all", every = "20ms", on_start = function(t)
        after("200ms", function() print("all", #t.pids) end)
      end }
      after("600ms", function() quit() end)
    ]]
    local watchio = e2e.watchio { "run", "-e", policy, shell.pid, name }
    watchio:ends_with(0)
    assert.truthy(watchio.out:find("tree\t3\n", 1, true), watchio.out)
    assert.truthy(watchio.out:find("all\t2\n", 1, true), watchio.out)
    assert.equal(2, select(2, watchio.out:gsub("alone\t1\n", "")))
  end)
end)
