-- SPDX-License-Identifier: MIT
-- A process's name and command line may hold anything; on no terminal do they do anything.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local function has(program)
  return os.execute(("command -v %s >/dev/null 2>&1"):format(program)) == true
end

describe("a name with control characters and a line of its own", function()
  after_each(e2e.finish)

  -- A quiet process with such a name, which every command shows.
  local function hostile()
    local name = ("\27[31m\n%x"):format(uv.hrtime() % 0xfffff)
    local path = e2e.folder() .. "/" .. name
    assert(uv.fs_copyfile("/bin/cat", path))
    local process = e2e.start { path, input = true }
    process.second_line = name:match("\n(.*)$")
    process:writes("ready\n")
    process:says("ready")
    return process
  end

  local POLICY = "watch { %d, every = '20ms', idle = '40ms', on_idle = function(t) "
    .. "log('%%s rests', t.name) print(t.name .. ' rests') error(t.name) end, on_error = quit(0) }"

  local commands = {
    match = function(pid) return { "match", pid } end,
    stat = function(pid) return { "stat", pid, "--every", "20ms", "--count", "2" } end,
    wait = function(pid) return { "wait", "idle", pid, "--for", "40ms", "--every", "20ms" } end,
    ["wait in vain"] = function(pid)
      return { "wait", "exit", pid, "--timeout", "50ms", "--every", "20ms" }
    end,
    learn = function(pid) return { "learn", pid, "--for", "1s" } end,
    check = function(pid) return { "check", "-e", POLICY:format(pid) } end,
    ["poll --kill"] = function(pid)
      return { "poll", "--kill", "--timeout", "50ms", "--step", "20ms", pid }
    end,
  }
  for name, words in pairs(commands) do
    it("is harmless to " .. name, function()
      local process = hostile()
      local watchio = e2e.watchio(words(process.pid))
      watchio:ends()
      local text = watchio.out .. watchio.err
      assert.is_truthy(text:find("\\x1b[31m\\n", 1, true), text)
      assert.is_nil(text:find("\27", 1, true), text)
      assert.is_nil(("\n" .. text):find("\n" .. process.second_line, 1, true), text)
    end)
  end

  it("is harmless in what a policy logs, prints on a terminal and raises", function()
    if not has "script" then return pending "script (package bsdutils) is missing" end
    local process = hostile()
    local policy = e2e.policy(POLICY:format(process.pid))
    local terminal = e2e.start {
      "/usr/bin/env",
      "NO_COLOR=1",
      "script",
      "-qec",
      ("exec '%s' run '%s'"):format(e2e.program, policy),
      "/dev/null",
      input = true,
    }
    terminal:ends_with(0)
    assert.is_nil(terminal.out:find("\27", 1, true), terminal.out)
    local rests = process.second_line .. " rests"
    assert.is_truthy(terminal.out:find("log  \\x1b[31m\\n" .. rests, 1, true), terminal.out)
    assert.is_truthy(terminal.out:find("\\x1b[31m\r\n" .. rests, 1, true), terminal.out)
  end)

  it("is harmless to exec, which says what it ends", function()
    local process = hostile()
    process:signals "sigterm"
    local path = e2e.folder() .. "/\27[31m\nx"
    assert(uv.fs_copyfile("/bin/sleep", path))
    local watchio =
      e2e.watchio { "exec", "--idle", "50ms", "--every", "20ms", "--summary", "--", path, "30" }
    watchio:ends_with(124)
    assert.is_nil(watchio.err:find("\27", 1, true), watchio.err)
  end)
end)
