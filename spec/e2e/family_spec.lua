-- SPDX-License-Identifier: MIT
-- Real processes that come to match or cease to, with the kernel's news of them and without.
local uv = require "luv"
local e2e = require "spec.e2e.support"
local programs = require "spec.property.programs"

local ways = {
  {
    name = "told by the kernel",
    every = "1h", -- so that an interval finds nothing
    missing = not e2e.births_are_told() and "needs the proc connector",
    start = e2e.watchio,
  },
  {
    name = "looked for",
    every = "100ms",
    missing = not e2e.is_root
      and "needs root, to be in a network namespace without the connector",
    start = function(options)
      table.move(
        { "/usr/bin/env", "unshare", "--net", e2e.program },
        1,
        4,
        1,
        table.move(options, 1, #options, 5)
      )
      local process = e2e.start(options)
      process.is_watchio = true
      return process
    end,
  },
}

local POLICY = [[
  watch { args[1], per = args[3], every = args[2], idle = "1h" }
  after("1ms", log "ready")
]]

-- The same without the pids of thousands.
local SHORT = [[
  watch { args[1], every = args[2], idle = "1h", on_exit = function(t) print("exit", t.pid) end }
  after("1ms", function() print "ready" end)
]]

-- Runs watchio for a name; it has looked around when this returns.
local function watch(way, name, per)
  local watchio = way.start { "run", "--json", "-e", POLICY, name, way.every, per or "tree" }
  watchio:tells("log")
  return watchio
end

local function events_of(watchio, pid)
  local kinds = {}
  for _, event in ipairs(watchio:events()) do
    if event.target and event.target.pid == pid then kinds[#kinds + 1] = event.event end
  end
  return kinds
end

local function wait_for_events(watchio, pid, expected)
  watchio:until_it(
    "the events " .. expected,
    function()
      return table.concat(events_of(watchio, pid), " "):gsub(" ?active", "") == expected
    end
  )
end

local function resident_kb(pid)
  return tonumber(e2e.read(("/proc/%d/status"):format(pid)):match("VmRSS:%s*(%d+)"))
end

local function descriptors(pid)
  local count = 0
  local folder = uv.fs_scandir(("/proc/%d/fd"):format(pid))
  for _ in uv.fs_scandir_next, folder do
    count = count + 1
  end
  return count
end

local RENAME = "printf %s >/proc/$$/comm\n"

-- A shell that has taken a name, and does as it is told, a line at a time. Its program's name stays
-- sh, so it has the other name only as long as it keeps it.
local function obedient_shell()
  local _, name = e2e.named("/bin/sh")
  local shell =
    e2e.start { "/bin/sh", "-c", 'while read -r line; do eval "$line"; done', input = true }
  shell:writes(RENAME:format(name) .. "echo renamed\n")
  shell:says("renamed")
  return shell, name
end

for _, way in ipairs(ways) do
  describe("a change that is " .. way.name, function()
    after_each(e2e.finish)

    local function check(sentence, probe)
      it(sentence, function()
        if way.missing then return pending(way.missing) end
        probe()
      end)
    end

    check("shows a birth", function()
      local path, name = e2e.named("/bin/sleep")
      local watchio = watch(way, name)
      local sleeper = e2e.start { path, "1000" }
      watchio:tells("start", sleeper.pid)
      sleeper:signals("sigkill")
      watchio:tells("exit", sleeper.pid)
    end)

    check("lets a late exec join, with its children", function()
      local path, name = e2e.named("/bin/sleep")
      local watchio = watch(way, name)
      local shell = e2e.start {
        "/bin/sh",
        "-c",
        'sleep 1000 & echo "$!"; read -r _; exec "$1" 1001',
        "sh",
        path,
        input = true,
      }
      local child = math.tointeger(tonumber(shell:says("(%d+)\n")))
      shell:writes("go\n")
      local start = watchio:tells("start", shell.pid)
      assert.same({ shell.pid, child }, start.target.pids)
      shell:signals("sigkill")
      shell:until_it("its end", function() return shell.status end)
      assert.same({}, watchio:events("exit")) -- the child lives
      uv.kill(child, "sigkill")
      watchio:tells("exit", shell.pid)
    end)

    check("lets one with another name leave, and come back", function()
      local shell, name = obedient_shell()
      local watchio = watch(way, name)
      watchio:tells("start", shell.pid)
      shell:writes(RENAME:format("other"))
      wait_for_events(watchio, shell.pid, "start leave")
      assert.is_true(e2e.alive(shell.pid))
      shell:writes(RENAME:format(name))
      wait_for_events(watchio, shell.pid, "start leave start")
      shell:signals("sigkill")
      wait_for_events(watchio, shell.pid, "start leave start exit")
    end)

    check("tells one edge after the other when the name changes ten times a second", function()
      local shell, name = obedient_shell()
      local watchio = watch(way, name, "process")
      watchio:tells("start", shell.pid)
      for _ = 1, 20 do
        shell:writes(RENAME:format("other") .. "sleep 0.05\n")
        shell:writes(RENAME:format(name) .. "sleep 0.05\n")
      end
      shell:writes("echo done\n")
      shell:says("done")
      watchio:until_it("the last name", function()
        local kinds = events_of(watchio, shell.pid)
        return kinds[#kinds] ~= "leave"
      end)
      shell:signals("sigkill")
      watchio:tells("exit", shell.pid)
      local before
      for _, kind in ipairs(events_of(watchio, shell.pid)) do
        if kind == "start" or kind == "leave" then assert.not_equal(before, kind) end
        before = kind ~= "active" and kind or before
      end
    end)

    check("leaves nothing behind after hundreds of short lives", function()
      local path, name = e2e.named("/bin/true")
      local watchio = watch(way, name)
      local before = descriptors(watchio.pid)
      local shell = e2e.shell('i=0; while [ $i -lt 800 ]; do "$1"; i=$((i + 1)); done', path)
      assert.equal(0, shell:ends(30))
      watchio:until_it(
        "as many ends as births",
        function()
          return #watchio:events("start") == #watchio:events("exit")
            and descriptors(watchio.pid) == before
        end
      )
    end)

    check("of thousands at once is survived, and their memory given back", function()
      local count = e2e.is_sanitized and 500 or 5000
      local path, name = e2e.named(programs.path("crowd"))
      local watchio = way.start { "run", "-q", "-e", SHORT, name, way.every }
      watchio:says("ready")
      local before, held = resident_kb(watchio.pid), descriptors(watchio.pid)
      local crowd = e2e.start { path, "member", count, "quiet", "/dev/null", input = true }
      crowd:says("ready", 60)
      watchio:until_it(
        "all of them",
        function() return descriptors(watchio.pid) >= held + 2 * count end,
        30
      )
      crowd:signals("sigterm")
      watchio:says("exit\t" .. crowd.pid, 30)
      watchio:until_it(
        "its descriptors",
        function() return descriptors(watchio.pid) == held end
      )
      if e2e.is_sanitized then return end -- a sanitizer keeps what is freed
      watchio:until_it("its memory", function()
        -- The heap keeps holes, and no more of them after each bomb.
        return resident_kb(watchio.pid) < before + 4096
      end)
    end)
  end)
end
