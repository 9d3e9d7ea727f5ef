-- SPDX-License-Identifier: MIT
-- A file system that answers nothing any more costs nobody but those who use it.
-- spec/c/silent_mount.c is that file system, and the process that has to do with it.
local e2e = require "spec.e2e.support"

describe("a file system that answers nothing any more", function()
  after_each(e2e.finish)

  ---@return table mount, integer? pid of the process; nil where it cannot be had here
  local function mounted(how)
    local mount =
      e2e.start { e2e.build .. "/bin/silent_mount", e2e.folder(), how, input = true }
    mount:until_it("its process", function() return mount.out:match("%d") or mount.status end)
    return mount, math.tointeger(mount.out:match("%d+"))
  end

  -- It answers again by itself after three seconds, and what was seen then says nothing.
  local function is_silent(mount) return not mount.out:find "answers" end

  for how, which in pairs { wait = "that is still mounted", detach = "that is mounted nowhere" } do
    it("costs a process with an open file there nothing, " .. which, function()
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

  local function about(watchio, kind, pid)
    local found = {}
    for _, event in ipairs(watchio:events(kind)) do
      if event.target.pid == pid then found[#found + 1] = event end
    end
    return found
  end

  it("costs nobody but the process that is held up in execve(2)", function()
    local mount, pid = mounted "exec"
    if not pid then return pending "no FUSE here" end
    local other = e2e.start { "sh", "-c", "while sleep 0.05; do :; done" }
    local policy = [[
      watch { %d, idle = "300ms", every = "100ms", counts = "io" }
      watch { %d, idle = "500ms", every = "100ms", on_idle = kill { signal = "KILL" } }
    ]]
    local watchio = e2e.watchio { "run", "--json", "-e", policy:format(pid, other.pid) }
    watchio:tells("idle", pid)
    watchio:tells("active", other.pid)
    mount:writes("\n")
    local event = watchio:tells("unreadable", pid)
    assert.matches("the kernel does not answer", event.reason)
    other:signals("sigstop")
    assert.equal("signal 9", other:ends())
    assert.is_true(is_silent(mount))
    local idle = #about(watchio, "idle", pid)
    mount:writes("\n")
    watchio:tells("readable", pid)
    watchio:until_it("idle again", function() return #about(watchio, "idle", pid) > idle end)
    assert.equal(1, #about(watchio, "unreadable", pid))
    assert.equal(1, idle)
    watchio:signals("sigterm")
    watchio:ends_with(0)
  end)

  for how, call in pairs { exec = "execve(2)", map = "mmap(2)", unmap = "munmap(2)" } do
    it(
      "does not make a process idle that is held up in " .. call .. ", and TERM is taken",
      function()
        local mount, pid = mounted(how)
        if not pid then return pending "no FUSE here" end
        local policy = ("watch { %d, idle = '500ms', every = '100ms', counts = 'cpu' }"):format(
          pid
        )
        local watchio = e2e.watchio { "run", "--json", "-e", policy }
        watchio:tells("idle", pid)
        mount:writes("\n")
        watchio:tells("active", pid)
        watchio:tells("waiting", pid)
        watchio:signals("sigterm")
        watchio:ends_with(0)
        assert.is_true(is_silent(mount))
        assert.equal(1, #about(watchio, "idle", pid))
      end
    )
  end

  it("does not make a tree idle one of which is held up from its birth on", function()
    local mount, pid = mounted "child"
    if not pid then return pending "no FUSE here" end
    local policy = ("watch { %d, idle = '500ms', every = '100ms' }"):format(pid)
    local watchio = e2e.watchio { "run", "--json", "-e", policy }
    watchio:tells("idle", pid)
    mount:writes("\n")
    watchio:tells("active", pid)
    local event = watchio:tells("waiting", pid)
    assert.is_true(is_silent(mount))
    assert.equal(1, #about(watchio, "idle", pid))
    mount:writes("\n")
    watchio:until_it("the child in its tree", function()
      local idle = about(watchio, "idle", pid)
      return #idle > 1 and #idle[#idle].target.pids == 2
    end)
    assert.is_nil(event.reason:find(("process %d "):format(pid), 1, true))
  end)

  it("leaves a process alone of which it cannot be checked who it is", function()
    local mount, pid = mounted "exec"
    if not pid then return pending "no FUSE here" end
    local policy =
      "watch { %d, idle = '1h', every = '100ms', on_unreadable = kill { signal = 'KILL' } }"
    local watchio = e2e.watchio { "run", "--json", "-e", policy:format(pid) }
    watchio:tells("start", pid)
    mount:writes("\n")
    assert.matches("does not answer", watchio:tells("error", pid).reason)
    assert.is_true(is_silent(mount))
    mount:writes("\n")
    watchio:tells("readable", pid)
    watchio:signals("sigterm")
    watchio:ends_with(0)
  end)

  it("stops neither who looks at all processes nor who begins to", function()
    local mount, pid = mounted "exec"
    if not pid then return pending "no FUSE here" end
    local path, name = e2e.named "/bin/sleep"
    local other = e2e.start { path, "60" }
    mount:writes("\n")
    local match = e2e.watchio { "match", name }
    match:ends_with(0)
    assert.matches(tostring(other.pid), match.out)
    assert.is_true(is_silent(mount))
  end)
end)
