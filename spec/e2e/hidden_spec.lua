-- SPDX-License-Identifier: MIT
-- What a mount of /proc hides from others is unknown or not there, never idle.
local e2e = require "spec.e2e.support"

describe("a process of another user, under hidepid", function()
  after_each(e2e.finish)

  -- Runs watchio as nobody under a /proc of its own; returns what it reported.
  local function watched(hidepid, target)
    local program = e2e.public_program()
    local policy = ("watch { %s, idle = '100ms', every = '50ms' } "):format(target)
      .. "after('1s', function() quit() end)"
    local inside = e2e.start {
      "unshare",
      "--mount",
      "sh",
      "-c",
      'mount -t proc -o "hidepid=$1" proc /proc && '
        .. 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$2" run -e "$3"',
      "sh",
      hidepid,
      program,
      policy,
    }
    inside:ends(10)
    return inside
  end

  local function can_mount()
    local try = "unshare --mount sh -c 'mount -t proc -o hidepid=2 proc /proc' 2>/dev/null"
    return e2e.is_root and os.execute(try)
  end

  it("is named as hidden, with the cure, where it may not be looked at", function()
    if not can_mount() then return pending "no /proc can be mounted here" end
    local sleeper = e2e.start { "sleep", "60" }
    local watchio = watched("1", sleeper.pid)
    assert.matches("not permitted to inspect process " .. sleeper.pid, watchio.err)
    assert.matches("hidepid", watchio.err)
    assert.not_matches(" idle", watchio.err)
  end)

  it("is not there where it is invisible", function()
    if not can_mount() then return pending "no /proc can be mounted here" end
    local sleeper = e2e.start { "sleep", "60" }
    local watchio = watched("2", sleeper.pid)
    assert.matches("missing  no process " .. sleeper.pid, watchio.err)
  end)
end)

describe("a process that becomes another user's", function()
  after_each(e2e.finish)

  -- A set-user-id copy of sleep: from its exec on the counters are shut to who watches.
  it("is unreadable once, with the reason, and never idle", function()
    if not e2e.is_root then return pending "only root can make a set-user-id program" end
    local folder = e2e.folder()
    local copy = folder .. "/sleep"
    local make = "chmod 755 '%s' && cp /bin/sleep '%s' && chmod 4755 '%s'"
    assert(os.execute(make:format(folder, copy, copy)))
    local program = e2e.public_program()
    local shell = e2e.start {
      "sh",
      "-c",
      'read -r go; exec "$1" 60',
      "sh",
      copy,
      uid = 65534,
      gid = 65534,
      input = true,
    }
    local policy = ("watch { %d, idle = '200ms', every = '50ms' }"):format(shell.pid)
    local watchio =
      e2e.start { program, "run", "--json", "-e", policy, uid = 65534, gid = 65534 }
    watchio:tells("idle", shell.pid)
    shell:writes("go\n")
    local unreadable = watchio:tells("unreadable", shell.pid)
    assert.matches("CAP_SYS_PTRACE", unreadable.reason)
    local before = #watchio:events("idle")
    shell:signals("sigkill")
    e2e.within(5, "its end", function() return watchio:events("exit")[1] or watchio.status end)
    assert.equal(before, #watchio:events("idle"))
    assert.equal(1, #watchio:events("unreadable"))
  end)
end)
