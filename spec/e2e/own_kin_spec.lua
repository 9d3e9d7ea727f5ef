-- SPDX-License-Identifier: MIT
-- What runs watchio, and other watchios: their command lines hold the very pattern, and yet they
-- are not what is looked for.
local e2e = require "spec.e2e.support"
local uv = require "luv"

describe("a pattern", function()
  after_each(e2e.finish)

  local function mark() return ("nas-%x"):format(uv.hrtime()) end

  -- Lives until it is written to.
  local function job(name)
    local process =
      e2e.start { "/bin/sh", "-c", "echo ready; read -r _", "sh", name, input = true }
    process:says "ready"
    return process
  end

  -- As a line of cron: the shell stays, for what comes behind.
  local function line(command)
    return e2e.start {
      "/bin/sh",
      "-c",
      ('"$0" %s; status=$?; exit $status'):format(command),
      e2e.program,
    }
  end

  -- One that watches what has that mark, and ends with it.
  local function watching(name)
    local process = line(
      (
        'run --json -e \'watch { cmd = "%s", every = "20ms", per = "process", '
        .. "on_exit = function() quit(0) end }'"
      ):format(name)
    )
    process.is_watchio = true
    return process
  end

  it("does not match the line that runs watchio", function()
    local name = mark()
    local of_name = job(name)
    local first = watching(name)
    first:tells("start", of_name.pid)
    of_name:writes "end\n"
    first:ends_with(0)
    assert.equal(1, #first:events "start")
  end)

  it("does not match other watchios, nor the lines that run them", function()
    local name = mark()
    local of_name = job(name)
    local first, second = watching(name), watching(name)
    first:tells("start", of_name.pid)
    second:tells("start", of_name.pid)
    local third = e2e.watchio { "match", "--per", "process", "cmd=" .. name }
    third:ends_with(0)
    assert.truthy(third.out:find("1 process in 1 target", 1, true), third.out)
    of_name:writes "end\n"
    for _, each in ipairs { first, second } do
      each:ends_with(0)
      assert.equal(1, #each:events "start")
    end
  end)

  it("that matches only what runs watchio says so", function()
    local name = mark()
    local looking = line("match cmd=" .. name)
    looking:ends_with(3)
    assert.truthy(
      looking.err:find("besides sh[" .. looking.pid .. "], which is left out", 1, true)
    )
  end)

  it("lets a kill reach the job beside the shell that runs watchio", function()
    local name = mark()
    local script = ([[
      sleep 1000 & job=$!
      "$0" run --json -e 'watch { cmd = "sleep 100[0]|%s", every = "20ms", idle = "60ms",
        where = function(p) return p.ppid == '$$' or p.pid == '$$' end,
        on_idle = kill { grace = "1s" }, on_exit = function() quit(0) end }'
      wait $job
      echo "status $?"
    ]]):format(name)
    local shell = e2e.start { "/bin/sh", "-c", script, e2e.program }
    shell:ends_with(0)
    assert.truthy(shell.out:find("status 143", 1, true), shell.out)
    assert.is_nil(shell.out:find('"refused"', 1, true), shell.out)
  end)

  it("matches a program that only bears the name of watchio", function()
    local path = e2e.folder() .. "/watchio"
    assert(uv.fs_copyfile("/bin/cat", path))
    local named = e2e.start { path, input = true }
    named:writes "ready\n"
    named:says "ready"
    local match = e2e.watchio { "match", "exe=" .. path }
    match:ends_with(0)
    assert.truthy(match.out:find("watchio[" .. named.pid .. "]", 1, true), match.out)
  end)

  it("matches it all by its pid", function()
    local looking = line "match $$"
    looking:ends_with(0)
    assert.truthy(looking.out:find("sh[" .. looking.pid .. "]", 1, true))
  end)
end)
