-- SPDX-License-Identifier: MIT
-- Pids of ended processes are given to innocent ones while signals fly: none of these may get one.
-- spec/c/reuse.c gives them away and counts what the innocents got.
local e2e = require "spec.e2e.support"

local IN_ALL, MODES, BATCH = 10000, 8, 250

local in_tree = {
  LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(e2e.root, e2e.root),
  LUA_CPATH = ("%s/build/release/lib/lua/5.4/?.so;;"):format(e2e.root),
}

-- Watches and pins the pids of a line, then signals them all without a pause until told to stop:
-- before, while and after their pids are used again.
local hammer = [[
  local native, uv = require "watchio.native", require "luv"
  local monitor, how = native.monitor(), arg[1]
  local watch, targets, pins = nil, {}, {}

  local acts = {
    signals = function(index)
      for number = 1, 2 do -- HUP, INT
        monitor:signal(targets[index], number)
        pins[index]:signal(number)
      end
    end,
    KILL = function(index) pins[index]:signal(9) end,
    STOP = function(index)
      monitor:signal(targets[index], 19)
      pins[index]:signal(18)
    end,
    priorities = function(index)
      pins[index]:nice(7)
      pins[index]:ionice("idle")
    end,
  }

  local function begin(line)
    if watch then
      monitor:unwatch(watch)
      for _, pin in ipairs(pins) do pin:close() end
    end
    local pids = {}
    for pid in line:gmatch("%d+") do pids[#pids + 1] = math.tointeger(pid) end
    watch = monitor:watch { pids = pids, per = "process", every_ns = 3600e9 // 1 | 0 }
    monitor:tick(uv.hrtime())
    targets, pins = monitor:targets(watch), {}
    for index, target in ipairs(targets) do pins[index] = assert(monitor:pin(target)) end
    print("ready", #pins, monitor:stats().pinned)
  end

  local stdin, hammering = uv.new_pipe(), false
  stdin:open(0)
  local text = ""
  stdin:read_start(function(_, chunk)
    text = text .. (chunk or "\nend\n")
    for line in text:gmatch("([^\n]*)\n") do
      if line == "stop" or line == "end" then hammering = false end
      if line == "stop" then print "stopped" end
      if line == "end" then os.exit(0, true) end
      if line:find("^victims") then
        begin(line)
        hammering = true
      end
    end
    text = text:match("[^\n]*$")
    io.stdout:flush()
  end)
  while true do
    uv.run(hammering and "nowait" or "once")
    if hammering then
      for index = 1, #targets do acts[how](index) end
    end
  end
]]

-- The same by a policy: kill, signal, stop and their methods, all the time.
local policy = [[
  local seen = {}
  watch {
    "wiovictim", per = "process", every = "10ms", on_start = function(target)
      seen[#seen + 1] = target
      target:kill { signal = "HUP", grace = "20ms", most = 100000 }
    end,
  }
  watch { "wiovictim", per = "process", every = "10ms", on_start = { signal "INT", nice(3) } }
  every("1ms", function()
    for _, target in ipairs(seen) do
      target:signal("HUP")
      target:cont()
    end
    if #seen > 2000 then seen = {} end
  end)
]]

describe("a pid that is used again", function()
  after_each(e2e.finish)

  local function counter() return e2e.start { e2e.build .. "/bin/reuse", input = true } end

  -- Waits for the next answer of a process, a line that matches.
  local function answer(process, question, pattern)
    process.out = ""
    process:writes(question .. "\n")
    return process:says(pattern .. "\n", 30)
  end

  -- Gives away as many pids as wanted; `begin` and `stop` stand around each batch.
  local function give_away(wanted, begin, stop)
    local helper, seen = counter(), { innocents = 0, signals = 0, priorities = 0 }
    while seen.innocents < wanted do
      begin(answer(helper, "begin " .. BATCH, "(victims[%d ]*)"))
      local none = answer(helper, "reuse", "(%a+)[^\n]*") == "none"
      if none then return nil, helper.out end
      stop()
      local count = answer(helper, "count", "(innocents[^\n]*)")
      for name, number in count:gmatch("(%a+) (%d+)") do
        seen[name] = seen[name] + number
      end
    end
    return seen
  end

  local function tell(what, seen)
    io.stderr:write(
      ("%s: %d pids used again, %d signals and %d priorities to innocents\n"):format(
        what,
        seen.innocents,
        seen.signals,
        seen.priorities
      )
    )
  end

  local function by_hand(how, limit, wanted)
    local argv = {}
    if limit then
      argv = { "/bin/sh", "-c", 'ulimit -n "$1"; shift; exec "$@"', "sh", limit }
    end
    for _, word in ipairs { e2e.lua, "-e", hammer, "-", how } do
      argv[#argv + 1] = word
    end
    argv.input, argv.env = true, in_tree
    local driver, held = e2e.start(argv), nil
    local seen, message = give_away(
      wanted,
      function(line) held = math.tointeger(tonumber(answer(driver, line, "ready\t%d+\t(%d+)"))) end,
      function() answer(driver, "stop", "stopped") end
    )
    return seen, held or message
  end

  for name, case in pairs {
    ["a held process"] = {},
    ["one for which no descriptor is left"] = { limit = 40 },
  } do
    for _, how in ipairs { "signals", "KILL", "STOP" } do
      it(("gets no %s that is for %s"):format(how, name), function()
        local seen, held = by_hand(how, case.limit, IN_ALL / MODES)
        if not seen then return pending("no pid can be chosen here: " .. held) end
        if case.limit and held >= BATCH then
          return pending "descriptors cannot be limited here"
        end
        tell(("%s, %d of %d held"):format(how, held, BATCH), seen)
        assert.equal(0, seen.signals)
      end)
    end
  end

  it(
    "gets no priority that is for the process before, but in the microseconds between",
    function()
      local seen, message = by_hand("priorities", nil, IN_ALL / MODES)
      if not seen then return pending("no pid can be chosen here: " .. message) end
      tell("nice and ionice", seen)
      assert.is_true(seen.priorities <= seen.innocents // 100)
      assert.equal(0, seen.signals)
    end
  )

  it("gets no signal of a policy", function()
    local watchio = e2e.watchio { "run", "--json", "-e", policy }
    local seen, message = give_away(IN_ALL / MODES, function(line)
      local last = line:match("(%d+)%s*$")
      watchio:until_it(
        "the last victim",
        function(self)
          return self.out:find(('"event":"start"[^\n]*"pid":%s[,}]'):format(last)) ~= nil
        end
      )
      watchio.out = ""
    end, function() end)
    if not seen then return pending("no pid can be chosen here: " .. message) end
    tell("kill, signal, cont and nice of a policy", seen)
    assert.equal(0, seen.signals)
  end)

  it("gets no signal of a policy that is loaded again and names the pid of then", function()
    local helper = counter()
    local pid = tonumber(answer(helper, "begin 1", "victims (%d+)"))
    local path = e2e.policy([[
      watch { %d, every = "20ms", idle = "IDLE", on_idle = kill {} }
      after("500ms", log "IDLE passed")
      every("1h", function() end)]])
    local text = e2e.read(path):format(pid)
    e2e.write(path, (text:gsub("IDLE", "1h")))
    local watchio = e2e.watchio { "run", "--json", path }
    watchio:tells("start", pid)
    local none = answer(helper, "reuse", "(%a+)[^\n]*") == "none"
    if none then return pending("no pid can be chosen here: " .. helper.out) end
    watchio:tells("exit", pid)
    e2e.write(path, (text:gsub("IDLE", "100ms")))
    watchio:signals("sighup")
    watchio:says("100ms passed")
    assert.equal(pid, watchio:events("missing")[1].pid)
    assert.matches("signals 0", answer(helper, "count", "(innocents[^\n]*)"))
  end)
end)
