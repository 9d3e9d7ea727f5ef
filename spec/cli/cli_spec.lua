-- SPDX-License-Identifier: MIT
local json = require "dkjson"
local cli = require "watchio.cli"
local leaks = require "spec.support.leaks"
local run = require "watchio.cli.run"

-- luacheck: ignore 122 (io.stdout and io.stderr are put back)
-- Runs a command line in this process; returns the status and what it wrote.
local function watchio(...)
  local out, err = io.tmpfile(), io.tmpfile()
  local real_out, real_err = io.stdout, io.stderr
  io.stdout, io.stderr = out, err
  local ok, status = pcall(cli.main, { ... })
  io.stdout, io.stderr = real_out, real_err
  out:seek("set")
  err:seek("set")
  local texts = { out:read("a"), err:read("a") }
  out:close()
  err:close()
  assert(ok, status)
  return status, texts[1], texts[2]
end

describe("the command line", function()
  local before
  before_each(function() before = leaks.before() end)
  after_each(function() leaks.check(before) end)

  local cases = {
    { {}, 2, "no command" },
    { { "rnu" }, 2, "unknown command 'rnu' (did you mean 'run'?)" },
    { { "run" }, 2, "no policy" },
    { { "run", "--dry-rum", "x.lua" }, 2, "--dry-run" },
    { { "run", "-q", "-v", "x.lua" }, 2, "can not be used together" },
    { { "run", "no/such.lua" }, 1, "no/such.lua: no such file or directory" },
    { { "run", "-e", "wach {}" }, 1, "-e:1: unknown verb 'wach' (did you mean 'watch'?)" },
    { { "run", "-e", "quit(9)" }, 9, "" },
    { { "run", "--watch", "-e", "quit(9)" }, 2, "--watch: only a policy that is a file" },
    { { "run", "--watch", "kill-on-idle", "x" }, 2, "--watch: only a policy that is a file" },
    { { "run", "-e", "after(0, function() quit(4) end)" }, 4, "" },
    { { "run", "--strict", "-e", "after(0, function() error 'x' end)" }, 5, "-e:1: x" },
    { { "run", "-e", "after(0, function() error 'x' end)" }, 0, "-e:1: x" },
    { { "run", "-e", "watch { 4194000 }" }, 3, "no process 4194000" },
    { { "check" }, 2, "no policy" },
    { { "check", "-e", "watch {}" }, 1, "-e:1: watch: which processes?" },
    { { "poll" }, 2, "TARGET" },
    { { "poll", "4194000" }, 3, "no process 4194000" },
    { { "poll", "--", "-1" }, 2, "bad pid -1" },
    { { "poll", "1.5" }, 2, 'bad pid "1.5"' },
    { { "poll", "1", "--step", "3x" }, 2, 'bad duration "3x"' },
    { { "poll", "prot=80" }, 2, "unknown key 'prot' (did you mean 'port'?)" },
    { { "poll", "where=x" }, 2, "where: only a policy can have it" },
    {
      { "poll", "--kill", "--timeout", "1d", "1", "user=54399" },
      2,
      "--kill: user=54399 alone names 0 processes (want 1,user=54399 for what is both, or --any",
    },
    {
      { "poll", "--kill", "--timeout", "1d", "user=54399", "1" },
      2,
      "want 1,user=54399 for what",
    },
    { { "poll", "--any", "1" }, 2, "--any: only with --kill" },
    {
      { "poll", "no-such-name-at-all,user=root" },
      3,
      "no process matches no-such-name-at-all,",
    },
    { { "match" }, 2, "TARGET" },
    { { "match", "root,usr=root" }, 2, "unknown key 'usr' (did you mean 'user'?)" },
    { { "match", "port=80,443" }, 2, "after a comma want KEY=VALUE" },
    { { "match", "4194000" }, 3, "no process 4194000" },
    { { "match", "no-such-name-at-all" }, 3, "no process matches no-such-name-at-all" },
    { { "match", "--per", "tere", "1" }, 2, "--per" },
    { { "match", "port=0" }, 2, 'port: bad port 0 (want 1 to 65535, or e.g. "udp:53")' },
    {
      { "match", "port=http" },
      2,
      'port: bad port "http" (want 1 to 65535, or e.g. "udp:53")',
    },
    { { "match", "port=1.5" }, 2, 'port: bad port "1.5" (want 1 to 65535, or e.g. "udp:53")' },
    { { "match", "user=rooot" }, 2, 'user: unknown user "rooot"' },
    { { "match", "cmd=(" }, 2, 'bad regular expression "("' },
    { { "match", "exe=nginx" }, 2, 'bad exe "nginx"' },
    { { "match", "unit=a/b" }, 2, 'bad unit "a/b"' },
    { { "match", "cgroup=a" }, 2, 'bad cgroup "a"' },
    { { "match", "unit=" }, 2, 'unit: bad value ""' },
    { { "match", "unit=no-such-unit" }, 3, "no process matches unit=no-such-unit" },
    { { "match", "pidfile=/" }, 2, "pidfile: / is a directory (want a file)" },
    {
      { "match", "pidfile=/no/such.pid" },
      3,
      "no process matches pidfile=/no/such.pid: No such file or directory",
    },
    { { "poll", "no-such-name-at-all" }, 3, "no process matches" },
    { { "poll", "1", "--step", "1us" }, 2, '--step: bad duration "1us"' },
    { { "poll", "1", "--timeout", "5ss" }, 2, '--timeout: bad duration "5ss"' },
    { { "stat" }, 2, "TARGET" },
    { { "stat", "4194000" }, 3, "no process 4194000" },
    {
      { "stat", "no-such-name-at-all", "pid=4194000" },
      3,
      "no process matches no-such-name-at-all; no process 4194000",
    },
    { { "stat", "" }, 2, 'name: bad value ""' },
    { { "stat", "1.5" }, 2, 'pid: bad pid "1.5"' },
    { { "stat", "prot=80" }, 2, "unknown key 'prot' (did you mean 'port'?)" },
    { { "stat", "1", "--every", "1us" }, 2, '--every: bad duration "1us"' },
    { { "stat", "1", "--every", "0" }, 2, "--every: bad duration 0 (want at least 10ms)" },
    { { "stat", "1", "--every", "5ss" }, 2, '--every: bad duration "5ss"' },
    { { "stat", "1", "--every", "" }, 2, '--every: bad duration ""' },
    { { "stat", "1", "--idle", "0" }, 2, "--idle: bad duration 0 (want more than zero)" },
    { { "stat", "1", "--count", "0" }, 2, '--count: bad number "0" (want a whole number' },
    { { "stat", "1", "--count=-3" }, 2, '--count: bad number "-3"' },
    { { "stat", "1", "--count", "2.5" }, 2, '--count: bad number "2.5"' },
    { { "stat", "1", "--count", "1e3" }, 2, '--count: bad number "1e3"' },
    { { "stat", "1", "--count", "99999999999999999999" }, 2, "--count: bad number" },
    { { "stat", "1", "--csv", "--json" }, 2, "can not be used together" },
    { { "stat", "1", "--per", "tere" }, 2, "--per" },
    {
      { "stat", "user=root", "0.001" },
      2,
      "INTERVAL: bad duration 0.001 (want at least 10ms)",
    },
    { { "stat", "user=root", "1", "0" }, 2, 'COUNT: bad number "0"' },
    {
      { "stat", "user=root", "1", "-i", "2s" },
      2,
      "--every: given twice (want 2s, or 1 after",
    },
    { { "stat", "user=root", "1", "2", "-n", "3" }, 2, "--count: given twice" },
    { { "wait" }, 2, "STATE" },
    { { "wait", "idle" }, 2, "TARGET" },
    { { "wait", "idel", "1" }, 2, "unknown state 'idel' (did you mean 'idle'?)" },
    { { "wait", "quiet", "1" }, 2, "unknown state 'quiet' (want idle, active or exit)" },
    { { "wait", "exit", "4194000" }, 3, "no process 4194000" },
    { { "wait", "idle", "no-such-name-at-all" }, 3, "no process matches no-such-name-at-all" },
    { { "wait", "idle", "1", "--for", "0" }, 2, "--for: bad duration 0 (want more than zero)" },
    { { "wait", "idle", "1", "--for", "3x" }, 2, '--for: bad duration "3x"' },
    { { "wait", "exit", "1", "--for", "3s" }, 2, "--for: only with idle" },
    { { "wait", "exit", "1", "--timeout", "5ss" }, 2, '--timeout: bad duration "5ss"' },
    { { "wait", "exit", "1", "--every", "1ms" }, 2, '--every: bad duration "1ms"' },
    { { "wait", "exit", "1", "-q", "-v" }, 2, "can not be used together" },
  }
  for _, case in ipairs(cases) do
    local words, status, message = table.unpack(case)
    it(("gives %d for: watchio %s"):format(status, table.concat(words, " ")), function()
      local got, _, err = watchio(table.unpack(words))
      assert.equal(status, got)
      assert.is_truthy(err:find(message, 1, true), err)
    end)
  end

  it("prints its version and its help", function()
    local status, version = watchio("--version")
    assert.equal(0, status)
    assert.matches("^watchio %d", version)
    local asked = {
      { "--help" },
      { "run", "--help" },
      { "check", "-h" },
      { "match", "-h" },
      { "poll", "-h" },
      { "stat", "-h" },
      { "wait", "--help" },
    }
    for _, words in ipairs(asked) do
      local help
      status, help = watchio(table.unpack(words))
      assert.equal(0, status)
      assert.matches("Usage: watchio", help)
    end
  end)

  it("gives 1 for an answer that cannot be written", function()
    local real = io.stdout
    local asked = {
      { "--help" },
      { "--version" },
      { "run", "--help" },
      { "check", "-e", "watch { 1 }" },
      { "check", "-e", "print 'x' watch { 1 }" },
    }
    for _, words in ipairs(asked) do
      local full <close> = assert(io.open("/dev/full", "w"))
      local err <close> = io.tmpfile()
      local real_err = io.stderr
      io.stdout, io.stderr = full, err
      local ok, status = pcall(cli.main, words)
      io.stdout, io.stderr = real, real_err
      assert.is_true(ok, status)
      err:seek("set")
      assert.equal(1, status)
      assert.equal(
        "watchio: cannot write to standard output (No space left on device)\n",
        err:read("a")
      )
    end
  end)

  local rules = [[
    watch { "no-such-name", label = "none", every = "5s", on_idle = { "make", kill() } }
    watch { 1, idle = "90s", counts = "cpu", on_start = "x",
      while_active = { every = "10m", "make" } }
    watch { spawn = { "server" }, on_idle = log "quiet" }
    every("1m", "make")
  ]]

  it("shows the rules of a policy, whom they match and when they would first act", function()
    local status, out = watchio("check", "-e", rules)
    assert.equal(0, status)
    local lines = {}
    for text in out:gmatch("[^\n]+") do
      lines[#lines + 1] = text:gsub("  +", " | ")
    end
    assert.matches("^ | matches | 1 ", table.remove(lines, 9))
    assert.same({
      "none",
      " | which | name no-such-name",
      " | judged | per tree, every 5s, idle after 1m, by io net cpu",
      " | matches | nothing yet",
      " | on_idle | run make, kill TERM, KILL after 10s (first: 1m after one appears)",
      "1",
      " | which | pid 1",
      " | judged | per tree, every 1s, idle after 1m30s, by cpu",
      " | on_start | run x (first: at the start)",
      " | while_active | run make, every 10m (first: when one becomes active)",
      "server",
      " | which | spawn server",
      " | judged | per tree, every 1s, idle after 1m, by io net cpu",
      " | matches | starts with the policy",
      " | on_idle | log quiet (first: 1m after the start)",
      "every 1m",
      " | does | run make",
    }, lines)
  end)

  it("shows the limits of a policy", function()
    local _, out = watchio(
      "check",
      "-e",
      [[watch { "no-such-name", on_sample = log "x", limits = {
      { "write_bytes", above = "50MB/s", hold = "30s", on_over = "a", on_under = "b" },
      { "cpu", above = "10m" } } }]]
    )
    local shown = out:gsub("  +", " | "):match("(.| limit.*)\n$")
    assert.equal(
      [[
 | limit | disk_write above 50 MB/s for 30s
 | limit | cpu above 10m in all
 | on_sample | log x (first: at each sample)
 | on_over | run a (first: when disk_write above 50 MB/s for 30s)
 | on_under | run b (first: when it is under again)]],
      shown
    )
  end)

  it("shows the rules as JSON", function()
    local status, out = watchio("check", "--json", "-e", rules)
    assert.equal(0, status)
    local objects = {}
    for text in out:gmatch("[^\n]+") do
      objects[#objects + 1] = assert(json.decode(text))
    end
    assert.equal(4, #objects)
    assert.same({ "none", 5, 60, "on_idle", "run make, kill TERM, KILL after 10s" }, {
      objects[1].watch,
      objects[1].every,
      objects[1].idle,
      objects[1].actions[1].on,
      objects[1].actions[1].action,
    })
    assert.is_nil(objects[1].actions[1].first)
    assert.same({ 1, 0, 1 }, {
      objects[2].matches[1].pid,
      objects[2].actions[1].first,
      objects[2].actions[2].first,
    })
    assert.same({ "every", 60, "run make" }, {
      objects[4].timer,
      objects[4].first,
      objects[4].action,
    })
  end)

  it("gives what follows the policy to the policy", function()
    local function split(...)
      local own, args = run.split { ... }
      return { table.concat(own, " "), table.concat(args, " ") }
    end
    assert.same({ "-q p.lua", "-v --x" }, split("-q", "p.lua", "-v", "--x"))
    assert.same({ "--json -e x=1", "-e y" }, split("--json", "-e", "x=1", "-e", "y"))
    assert.same({ "-ex=1", "y" }, split("-ex=1", "y"))
    assert.same({ "-", "-" }, split("-", "-"))
    assert.same({ "-v", "" }, split("-v"))
    assert.same({ "-- -odd.lua", "-v" }, split("--", "-odd.lua", "-v"))
  end)
end)
