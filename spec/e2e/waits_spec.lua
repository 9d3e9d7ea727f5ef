-- SPDX-License-Identifier: MIT
-- Real processes that get nothing done for want of a processor, or while the kernel works for them.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local function state_of(pid)
  local stat = e2e.read(("/proc/%d/stat"):format(pid))
  return stat and stat:match(".*%) (%a)")
end

-- Some that use up the processor 0; several, since a nice value acts only within a session where
-- there are autogroups.
local function start_hogs()
  for _ = 1, 4 do
    local loop = "echo ready; while :; do :; done"
    e2e.start({ "taskset", "-c", "0", "/bin/sh", "-c", loop }):says("ready", 60)
  end
end

-- Watches a process that does nothing that is counted, as long as it waits.
local function watch(pid, options)
  return e2e.watchio {
    "run",
    "--json",
    "-e",
    ([[
    watch { tonumber(args[1]), every = "100ms", idle = "300ms", counts = { "io" }, %s }
  ]]):format(options or ""),
    pid,
  }
end

describe("who waits", function()
  after_each(e2e.finish)

  for name, class in pairs {
    ["SCHED_IDLE"] = { "chrt", "--idle", "0" },
    ["nice 19"] = { "nice", "-n", "19" },
  } do
    it("for a processor that others use up is not idle: " .. name, function()
      start_hogs()
      local argv = { "taskset", "-c", "0", table.unpack(class) }
      for _, word in ipairs { "/bin/sh", "-c", "echo ready; while :; do :; done" } do
        argv[#argv + 1] = word
      end
      local starved = e2e.start(argv)
      starved:says("ready", 60)
      local watchio = watch(starved.pid)
      watchio:until_it(
        "a verdict",
        function()
          return #watchio:events("waiting") > 0
            or #watchio:events("active") > 1
            or #watchio:events("idle") > 0
        end,
        60
      )
      assert.same({}, watchio:events("idle"))
    end)
  end

  it("in vfork for a child is as idle as the child", function()
    local path = e2e.compiled [[
      #include <stdio.h>
      #include <unistd.h>
      int main(void) {
        setvbuf(stdout, NULL, _IONBF, 0);
        if (vfork() == 0) { write(1, "ready\n", 6); pause(); _exit(0); }
        return 0;
      }
    ]]
    if not path then return pending("no C compiler") end
    local parent = e2e.start { path }
    parent:says("ready")
    local told = pcall(parent.until_it, parent, "where it waits", function()
      local place = e2e.read(("/proc/%d/wchan"):format(parent.pid))
      return state_of(parent.pid) == "D" and place and place ~= "0"
    end, 3)
    if not told then return pending("needs /proc/PID/wchan") end
    watch(parent.pid):tells("idle", parent.pid)
  end)

  it("in a frozen cgroup is idle", function()
    local folder = ("/sys/fs/cgroup/freezer/watchio-spec-%d"):format(uv.os_getpid())
    if not uv.fs_mkdir(folder, 493) then
      return pending("needs root and a freezer of version 1")
    end
    local frozen = e2e.start { "/bin/sh", "-c", "echo ready; read -r _", input = true }
    frozen:says("ready")
    e2e.write(folder .. "/cgroup.procs", tostring(frozen.pid))
    e2e.write(folder .. "/freezer.state", "FROZEN")
    frozen:until_it(
      "its freezing",
      function() return e2e.read(folder .. "/freezer.state") == "FROZEN\n" end
    )
    local watchio = watch(frozen.pid)
    local ok, message = pcall(watchio.tells, watchio, "idle", frozen.pid)
    e2e.write(folder .. "/freezer.state", "THAWED")
    e2e.write("/sys/fs/cgroup/freezer/cgroup.procs", tostring(frozen.pid))
    uv.fs_rmdir(folder)
    if not ok then error(message, 0) end
  end)

  it("stopped is idle", function()
    local stopped = e2e.shell("echo ready; kill -STOP $$")
    stopped:says("ready")
    stopped:until_it("its stop", function() return state_of(stopped.pid) == "T" end)
    watch(stopped.pid):tells("idle", stopped.pid)
    stopped:signals("sigcont")
  end)
end)
