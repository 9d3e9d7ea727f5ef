-- SPDX-License-Identifier: MIT
local json = require "dkjson"
local e2e = require "spec.e2e.support"

describe("watchio doctor", function()
  after_each(e2e.finish)

  local function examined(options)
    local program = options and e2e.public_program() or e2e.program
    local argv = { program, "doctor", "--json" }
    for key, value in pairs(options or {}) do
      argv[key] = value
    end
    local watchio = e2e.start(argv)
    watchio:ends_with(options and 4 or 0)
    return assert(json.decode(watchio.out))
  end

  it("tells what works, and counts what can be read", function()
    local facts = examined()
    assert.is_false(facts.missing.io)
    assert.is_false(facts.missing.cpu)
    assert.is_true(facts.counts.processes >= facts.counts.io and facts.counts.io > 0)
    assert.equal(facts.counts.processes, facts.counts.cpu)
    assert.is_true(facts.births == "connector" or facts.births == "scan")
  end)

  it("names the pair of capabilities, and ends with 4, where no process can be read", function()
    if not e2e.is_root then return pending("only root can become another user") end
    local stranger = e2e.stranger()
    local facts = examined { uid = stranger, gid = stranger }
    assert.is_false(facts.capable.CAP_SYS_PTRACE)
    assert.is_true(facts.counts.others > 0)
    assert.equal(0, facts.counts.io)
    assert.matches("cap_sys_ptrace,cap_dac_read_search", table.concat(facts.cures, "\n"))
  end)

  it("reads as a table", function()
    local watchio = e2e.start { e2e.program, "doctor" }
    watchio:ends_with(0)
    assert.matches("\nhidepid +%d\n", watchio.out)
    assert.matches("\n  io read +%d+ of %d+\n", watchio.out)
  end)
end)

describe("watchio learn", function()
  after_each(e2e.finish)

  it("prints floors under which the same noise is idle", function()
    local noisy =
      e2e.start { "sh", "-c", "while :; do read -r line </proc/self/stat; sleep 0.1; done" }
    local learning = e2e.start { e2e.program, "learn", "--for", "2s", noisy.pid }
    assert.equal(0, learning:ends(20))
    local floor = learning.out:match("\n(floor = {[^\n]+})\n")
    assert.is_string(floor)
    local policy = ("watch { %d, idle = '2s', %s }"):format(noisy.pid, floor)
    local watchio = e2e.start { e2e.program, "run", "--json", "-e", policy }
    watchio:tells("idle", noisy.pid, 20)
  end)

  it("prints no floor of cpu for what works unseen, and says how much would", function()
    local game = [[
      local uv = require "luv"
      local socket = uv.new_udp()
      socket:bind("127.0.0.1", 0)
      socket:recv_start(function() end)
      uv.new_timer():start(0, 50, function()
        local last = uv.hrtime() + 3e6
        while uv.hrtime() < last do end
      end)
      uv.run()
    ]]
    local server = e2e.start { e2e.lua, "-e", game }
    local learning = e2e.start { e2e.program, "learn", "--for", "2s", server.pid }
    assert.equal(0, learning:ends(20))
    local floor = learning.out:match "\n(floor = {[^\n]+})\n"
    assert.is_nil(floor:find("cpu", 1, true), floor)
    assert.matches("%[" .. server.pid .. "%] may work through what", learning.out)
    assert.matches("of work a second would go unseen", learning.out)
  end)

  it("does not say that nothing matches where it had no time", function()
    local quiet = e2e.start { "sleep", "60" }
    local learning = e2e.start { e2e.program, "learn", "--for", "60s", quiet.pid }
    e2e.within(10, "its handler of TERM", function()
      local text = e2e.read(("/proc/%d/status"):format(learning.pid)) or ""
      return tonumber(text:match "SigCgt:%s*(%x+)" or "0", 16) & 1 << 14 ~= 0
    end)
    learning:signals "sigterm"
    assert.equal(3, learning:ends(20))
    assert.matches(("^watchio: %d: nothing was measured"):format(quiet.pid), learning.err)
  end)

  it("needs somebody to look at", function()
    e2e.start({ e2e.program, "learn", "nobody-goes-by-this" }):ends_with(3)
    e2e.start({ e2e.program, "learn", "--for", "0", "x" }):ends_with(2)
    e2e.start({ e2e.program, "learn", "port=70000" }):ends_with(2)
  end)
end)
