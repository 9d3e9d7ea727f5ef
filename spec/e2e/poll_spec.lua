-- SPDX-License-Identifier: MIT
-- `watchio poll` on real processes.
local e2e = require "spec.e2e.support"
local uv = require "luv"

describe("watchio poll", function()
  after_each(e2e.finish)

  local function poll(...) return e2e.watchio { "poll", ... } end

  -- Writes to the target until the poll ends: when it began to look cannot be seen from outside.
  local function write_until_end(watchio, target)
    watchio:until_it("its end", function()
      target:writes("hello\n")
      return watchio.status
    end)
    return watchio:ends()
  end

  it("ends with 0 and names what did I/O", function()
    local busy, quiet = e2e.echoer(), e2e.echoer()
    local watchio = poll(busy.pid, quiet.name, "--step", "0.05", "--timeout", "20")
    assert.equal(0, write_until_end(watchio, busy))
    assert.truthy(watchio.out:find(("^%d %s  io %%+"):format(busy.pid, busy.name)), watchio.out)
    assert.is_nil(watchio.out:find(quiet.name, 1, true))
  end)

  it("ends with 1 when nothing did I/O in time", function()
    local before = uv.hrtime()
    local watchio = poll(e2e.echoer().pid, "--step", "0.05", "--timeout", "0.4")
    watchio:ends_with(1)
    assert.is_true(uv.hrtime() - before >= 0.4e9)
    assert.equal("", watchio.out)
  end)

  it("keeps to its step", function()
    local target = e2e.shell("while sleep 0.3; do echo . >/dev/null; done")
    local before = uv.hrtime()
    poll(target.pid, "--step", "1.5", "--timeout", "20"):ends_with(0)
    assert.is_true(uv.hrtime() - before >= 1.5e9)
  end)

  it("does not take its own reading for I/O", function()
    -- The shell becomes the poll itself, with its own pid for a target.
    local watchio = e2e.shell('exec "$1" poll $$ --step 0.05 --timeout 0.5', e2e.program)
    watchio:ends_with(1)
  end)

  it("ends with 2 for a pid that is none", function()
    for _, bad in ipairs { "0", "-5", "pid=x" } do
      local watchio = poll(bad)
      watchio:ends_with(2)
    end
  end)

  it("ends with 3 and names the pid that is not there", function()
    local gone = e2e.shell("exit 0")
    gone:ends()
    local watchio = poll(gone.pid)
    watchio:ends_with(3)
    assert.truthy(watchio.err:find(gone.pid, 1, true))
  end)

  it("ends with 3 when no name matches", function()
    local watchio = poll("no-such-name-here")
    watchio:ends_with(3)
  end)

  it("ends with 4 when nothing may be read", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local target = e2e.echoer()
    local watchio = e2e.start {
      e2e.public_program(),
      "poll",
      target.pid,
      "--timeout",
      "5",
      uid = 65534,
      gid = 65534,
    }
    watchio:ends_with(4)
    assert.truthy(watchio.err:find(target.pid, 1, true))
    assert.truthy(watchio.err:find("CAP_SYS_PTRACE", 1, true), watchio.err)
  end)

  it("ends with 130 after INT, and TERM ends it", function()
    for signal, status in pairs { sigint = 130, sigterm = "signal 15" } do
      local watchio = poll(e2e.echoer().pid, "--step", "0.05")
      e2e.within(5, "its taking of INT", function()
        local text = e2e.read(("/proc/%d/status"):format(watchio.pid)) or ""
        return tonumber(text:match "SigCgt:%s*(%x+)" or "0", 16) & 2 ~= 0
      end)
      watchio:signals(signal)
      watchio:ends_with(status)
    end
  end)

  it("--kill ends what did no I/O for the timeout", function()
    local target = e2e.echoer()
    local watchio = poll(target.pid, "--kill", "--step", "0.05", "--timeout", "0.4")
    watchio:ends_with(0)
    target:ends_with("signal 15")
  end)

  it("--kill says at once what it would end: each TARGET, and how many it names", function()
    local first, second = e2e.echoer(), e2e.echoer()
    local watchio = poll(
      first.pid,
      second.name,
      "pid=" .. second.pid,
      "--kill",
      "--step",
      "0.05",
      "--timeout",
      "0.4"
    )
    watchio:says(
      "ends, with all they started, once quiet for 400ms: "
        .. first.pid
        .. " %(1 process%), "
        .. second.name
        .. " %(1 process%), pid="
        .. second.pid
    )
    watchio:says "1 process belongs to more than one TARGET: each counts once"
    watchio:ends_with(0)
    local _, kills = watchio.err:gsub(" killed ", "")
    assert.equal(2, kills)
    first:ends_with("signal 15")
    second:ends_with("signal 15")
  end)

  it("--kill of a name or a whole user takes --any, for both may have been meant", function()
    local target = e2e.echoer()
    local user = "user=" .. uv.getuid()
    local function poll_kill(...)
      return poll("--kill", "--timeout", "0.05", "--step", "0.02", ...)
    end
    local watchio = poll_kill(target.name, "user=54321") -- nobody has this uid
    watchio:ends_with(2)
    assert.matches("want " .. target.name .. ",user=54321 for what is both", watchio.err)
    poll_kill(target.name .. ",user=54321"):ends_with(3)
    assert.is_nil(target.status)
    poll_kill(target.name .. "," .. user):ends_with(0)
    target:ends_with("signal 15")
  end)

  it("--kill spares what goes on", function()
    local target = e2e.echoer()
    local watchio = poll(target.pid, "--kill", "--step", "0.05", "--timeout", "0.5")
    local until_then = uv.hrtime() + 1.5e9
    e2e.within(5, "three timeouts", function()
      target:writes("hello\n")
      return uv.hrtime() > until_then
    end)
    assert.is_nil(target.status)
    assert.is_nil(watchio.status)
  end)

  it("--kill spares its own parent", function()
    local shell =
      e2e.shell('"$1" poll $$ --kill --step 0.05 --timeout 0.2; echo status $?', e2e.program)
    assert.not_equal("0", shell:says("status (%d+)"))
  end)
end)
