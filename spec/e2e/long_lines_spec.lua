-- SPDX-License-Identifier: MIT
-- A command line as long as a Java server's: all of it is looked at, and what cannot be is unknown.
local e2e = require "spec.e2e.support"
local json = require "dkjson"

local LONG <const> = ("x"):rep(9000)

describe("a long command line", function()
  after_each(e2e.finish)

  -- Waits, with what the specs look for behind 9000 other characters.
  local function waiting(path, last)
    local process = e2e.start { path, "-c", "echo ready; read -r _", LONG, last, input = true }
    process:says "ready"
    return process
  end

  it("is looked at to its end", function()
    local process = waiting("/bin/sh", "org.example.Server")
    local match = e2e.watchio { "match", "--json", "cmd=x org[.]example[.]Server$" }
    match:ends_with(0)
    local found = json.decode(match.out:match "[^\n]+")
    assert.equal(
      process.pid,
      found.pid or found.target and found.target.pid,
      match.out:sub(1, 200)
    )
    e2e.watchio({ "match", "cmd=" .. ("x"):rep(200) .. "$" }):ends_with(3)
  end)

  it("protects by what stands at its end", function()
    local path, name = e2e.named "/bin/sh"
    local spared, other = waiting(path, "keep-me"), waiting(path, "take-me")
    local policy = [[
      watch { args[1], every = "20ms", idle = "60ms", per = "process", except = { cmd = "keep-me" },
        on_idle = kill { grace = "1s" } }
    ]]
    local watchio = e2e.watchio { "run", "--json", "-e", policy, name }
    watchio:tells("exit", other.pid)
    assert.is_true(e2e.alive(spared.pid))
    for _, event in ipairs(watchio:events "start") do
      assert.not_equal(spared.pid, event.target.pid)
    end
  end)

  it(
    "of which the kernel shows a part is unknown: no match, and as an exception it holds",
    function()
      local title = e2e.start {
        "perl",
        "-e",
        '$0 = "t" x 8000; print "ready\n"; close STDOUT; <STDIN>',
        LONG,
        input = true,
      }
      title:until_it(
        "the title",
        function()
          return title.status or e2e.read(("/proc/%d/cmdline"):format(title.pid)):find "^ttt"
        end
      )
      if title.status then return pending "perl is missing" end
      if #e2e.read(("/proc/%d/cmdline"):format(title.pid)) ~= 4096 then
        return pending "the kernel shows all of a title"
      end
      e2e.watchio({ "match", "cmd=^ttt" }):ends_with(4)
      local policy = ("watch { %d, except = { cmd = 'not this' } }"):format(title.pid)
      local check = e2e.watchio { "check", "-e", policy }
      check:ends()
      assert.truthy(
        check.out:find("nothing", 1, true) or check.out:find("none", 1, true),
        check.out
      )
    end
  )
end)
