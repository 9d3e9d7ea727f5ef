-- SPDX-License-Identifier: MIT
-- A file system that answers nothing any more costs nobody but those who use it.
-- spec/c/silent_mount.c is that file system, and the process that has to do with it.
local e2e = require "spec.e2e.support"

describe("a process with an open file on a mount that answers nothing any more", function()
  after_each(e2e.finish)

  ---@return table mount, integer? pid of the process; nil where it cannot be had here
  local function mounted(how)
    local mount =
      e2e.start { e2e.build .. "/bin/silent_mount", e2e.folder(), how, input = true }
    mount:until_it("its process", function() return mount.out:match("%d") or mount.status end)
    return mount, math.tointeger(mount.out:match("%d+"))
  end

  for how, which in pairs { wait = "that is still mounted", detach = "that is mounted nowhere" } do
    it("is watched as any other, " .. which, function()
      local mount, pid = mounted(how)
      if not pid then return pending "no FUSE here" end
      local other = e2e.start { "sleep", "60" }
      local policy = ("watch { { %d, %d }, idle = '1s', every = '100ms' }"):format(
        pid,
        other.pid
      )
      local watchio = e2e.watchio { "run", "--json", "-e", policy }
      watchio:tells("start", pid)
      mount:writes("\n")
      watchio:tells("idle", pid)
      watchio:tells("idle", other.pid)
      watchio:signals("sigterm")
      watchio:ends_with(0)
      local later = e2e.watchio { "run", "--json", "-e", policy }
      later:tells("idle", other.pid)
      later:signals("sigterm")
      later:ends_with(0)
    end)
  end
end)
