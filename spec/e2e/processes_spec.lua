-- SPDX-License-Identifier: MIT
-- Targets as bad as real ones get: the event or message names them, and the rest goes on.
local e2e = require "spec.e2e.support"
local json = require "dkjson"
local uv = require "luv"

local watch_all = [[
  watch { args[1], every = "50ms", idle = "1h", on_start = log "here", on_exit = log "gone" }
]]

local watch_both = [[
  watch { pid = { tonumber(args[1]), tonumber(args[2]) }, every = "50ms", idle = "1h" }
]]

---Whether the processes of the watch still get their events.
local function assert_goes_on(watchio, target)
  target:writes("hello\n")
  watchio:tells("active", target.pid)
end

-- Kills one of two watched processes and gives its pid to a busy one; prints the pid.
local reuse = [[
  logged() { until grep -q "\"$1\".*\"pid\":$2[,}]" "$events"; do sleep 0.02; done; }
  program=$1 events=$2
  sleep 1000 & first=$!
  sleep 1000 & second=$!
  "$program" run --json -e "watch { pid = { $first, $second }, every = '20ms' }" >"$events" &
  watchio=$!
  logged start $first
  logged start $second
  kill $first
  wait $first
  echo $((first - 1)) >/proc/sys/kernel/ns_last_pid || exit 1
  sh -c 'while :; do echo . >/dev/null; done' & again=$!
  [ $again = $first ] || exit 1
  logged exit $first
  kill $second # an exit that comes after many samples of the new process
  logged exit $second
  kill $again
  wait $watchio
  echo $first
]]

describe("a target", function()
  after_each(e2e.finish)

  it("that is not there is named", function()
    local gone, target = e2e.shell("exit 0"), e2e.echoer()
    gone:ends()
    local watchio = e2e.watchio { "run", "--json", "-e", watch_both, gone.pid, target.pid }
    assert.truthy(watchio:tells("missing").reason:find(gone.pid, 1, true))
    assert_goes_on(watchio, target)
  end)

  it("that is a zombie is not there", function()
    -- The shell's successor never waits for the child.
    local parent = e2e.shell("true & echo $!; exec sleep 1000")
    local zombie, target = tonumber(parent:says("(%d+)\n")), e2e.echoer()
    parent:until_it("the zombie", function() return not e2e.alive(zombie) end)
    local watchio = e2e.watchio { "run", "--json", "-e", watch_both, zombie, target.pid }
    assert.truthy(watchio:tells("missing").reason:find(zombie, 1, true))
    assert_goes_on(watchio, target)
  end)

  it("that may not be read is told once, with the reason, and is never idle", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local target = e2e.echoer()
    local policy = [[
      watch { tonumber(args[1]), every = "20ms", idle = "100ms", on_idle = log "idle" }
      after("600ms", function() quit(0) end)
    ]]
    local watchio = e2e.start {
      e2e.public_program(),
      "run",
      "--json",
      "-e",
      policy,
      target.pid,
      uid = 65534,
      gid = 65534,
    }
    watchio:ends_with(0)
    assert.equal(1, #watchio:events("unreadable"))
    assert.truthy(watchio:events("unreadable")[1].reason)
    assert.equal(target.pid, watchio:events("unreadable")[1].target.pid)
    assert.equal(0, #watchio:events("idle"))
  end)

  it("that execs stays the same target", function()
    local policy =
      "watch { tonumber(args[1]), every = '20ms', idle = '1h', on_exit = log 'gone' }"
    local target = e2e.start { "/bin/sh", "-c", "read -r _; exec cat", input = true }
    local watchio = e2e.watchio { "run", "--json", "-e", policy, target.pid }
    watchio:tells("start", target.pid)
    target:writes("now\n")
    target:until_it(
      "the exec",
      function() return e2e.read(("/proc/%d/comm"):format(target.pid)) == "cat\n" end
    )
    target:writes("hello\n")
    target:says("hello")
    watchio:tells("active", target.pid)
    assert.equal(0, #watchio:events("exit"))
    assert.equal(1, #watchio:events("start"))
  end)

  it("whose pid is used again is not taken for the new process", function()
    local events = e2e.folder() .. "/events"
    -- In a pid namespace of its own the next pid can be chosen.
    local inside = e2e.start {
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
      "--kill-child",
      "sh",
      "-c",
      reuse,
      "sh",
      e2e.program,
      events,
    }
    local status = inside:ends(20)
    if status ~= 0 then return pending("no pid can be chosen here: " .. inside.err) end
    local first = tonumber(inside.out)
    local seen = {}
    for line in e2e.read(events):gmatch("[^\n]+") do
      local event = json.decode(line)
      if event.target and event.target.pid == first then seen[#seen + 1] = event.event end
    end
    assert.same({ "start", "exit" }, seen)
  end)

  it("that forks a thousand children is watched with all of them", function()
    local path, name = e2e.named("/bin/sh")
    local policy = watch_all
    local watchio = e2e.watchio { "run", "--json", "-e", policy, name }
    local target = e2e.start {
      path,
      "-c",
      [[
      i=0
      while [ $i -lt 1000 ]; do (:) & i=$((i + 1)); done
      wait
      echo forked
      read -r _
    ]],
      input = true,
    }
    target:says("forked", 30)
    watchio:tells("start", target.pid)
    target:writes("end\n")
    watchio:tells("exit", target.pid)
    watchio:until_it(
      "as many ends as starts",
      function() return #watchio:events("start") == #watchio:events("exit") end
    )
  end)

  it("among two thousand, with 256 descriptors, is watched like the others", function()
    local path, name = e2e.named("/bin/sleep")
    local crowd = e2e.shell(
      [[
      i=0
      while [ $i -lt 2000 ]; do "$1" 1000 & i=$((i + 1)); done
      echo all
      wait
    ]],
      path
    )
    crowd:says("all", 30)
    local target = e2e.start { path, "1000" }
    local watchio = e2e.start {
      "sh",
      "-c",
      'ulimit -n 256; exec "$0" run --json -e "$1" "$2"',
      e2e.program,
      watch_all,
      name,
    }
    watchio.is_watchio = true
    watchio:until_it(
      "all of them",
      function() return select(2, watchio.out:gsub('"event":"start"', "")) == 2001 end,
      30
    )
    assert.equal(1, select(2, watchio.out:gsub("descriptors for %d+ processes only", "")))
    local before = uv.hrtime()
    target:signals("sigkill")
    watchio:tells("exit", target.pid)
    assert.is_true(uv.hrtime() - before < 2e9)
    assert.equal(0, #watchio:events("unreadable"))
    assert.equal(1, #watchio:events("exit"))
  end)
end)
