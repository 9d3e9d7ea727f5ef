-- SPDX-License-Identifier: MIT
-- Every command keeps its manners, whatever it was started with.
local commands = require "watchio.cli.commands"
local e2e = require "spec.e2e.support"

-- Command → its words; PID is a process that rests. Each ends soon, by itself.
local LINES = {
  run = { "run", "-e", "watch { PID } after('50ms', function() quit() end)" },
  check = { "check", "-e", "watch { PID }" },
  match = { "match", "PID" },
  poll = { "poll", "PID", "--timeout", "0.05", "--step", "0.01" },
  learn = { "learn", "PID", "--for", "1s" },
  wait = { "wait", "active", "PID", "--timeout", "0.1", "--every", "0.01" },
  stat = { "stat", "PID", "--every", "0.01", "--count", "3" },
  exec = { "exec", "--idle", "1m", "--", "sleep", "0.05" },
  top = { "top", "PID" }, -- there is no terminal
  doctor = { "doctor" },
  help = { "help" },
  ["help CMD"] = { "help", "run" },
  ["--version"] = { "--version" },
  complete = { "complete", "match", "" },
  ["a mistake"] = { "rnu" },
}

-- How it is started → the script that does it; "$@" is the command line, $DIR a folder.
local PLAIN = '"$@"'
local STARTS = {
  ["with standard input closed"] = '"$@" <&-',
  ["with standard output closed"] = '"$@" >&-',
  ["with standard error closed"] = '"$@" 2>&-',
  ["with all three closed"] = '"$@" <&- >&- 2>&-',
  ["in a home that is not there"] = 'HOME=/no/such/home "$@"',
  ["in a home that cannot be written"] = 'HOME=/proc "$@"',
  ["without an environment"] = 'env -i "$@"',
  ["on a terminal that nobody knows"] = 'TERM=no-such-terminal COLUMNS=0 LINES=0 "$@"',
  ["in a locale that is not there"] = 'LC_ALL=xx_XX.UTF-8 LANG=xx "$@"',
  ["in a time zone that is not there"] = 'TZ=No/Such "$@"',
  ["in a folder that is gone"] = 'mkdir "$DIR/gone"; cd "$DIR/gone"; rmdir "$DIR/gone"; "$@"',
  ["without colour"] = 'NO_COLOR=1 "$@"',
  ["with the end of children ignored"] = 'trap "" CHLD; "$@"',
}

-- The reader is gone before anything is written.
local WITHOUT_READER = [[
{
  until [ -e "$DIR/gone" ]; do :; done
  "$@"
  echo $? >"$DIR/status"
} | { exec <&-; : >"$DIR/gone"; }
exit "$(cat "$DIR/status")"]]

local NO_READER = 141

local NEEDS_NO_PROC = {
  help = true,
  ["help CMD"] = true,
  ["--version"] = true,
  complete = true,
  ["a mistake"] = true,
}

-- Starts it; the folder is its own.
local function start(script, line, pid)
  local argv = { "/bin/sh", "-c", script, "sh", e2e.program, env = { DIR = e2e.folder() } }
  for _, word in ipairs(line) do
    argv[#argv + 1] = word:gsub("PID", tostring(pid))
  end
  return e2e.start(argv)
end

-- It writes no traceback and no control sequence; what it did is told when that is wrong.
local function is_well(process, status)
  local got = process:ends(30)
  local told = process.err:find("traceback", 1, true) or process.err:find("\27", 1, true)
  if got ~= status or told then error(("want %s\n%s"):format(status, process:describe()), 2) end
end

for _, name in ipairs(commands.names()) do
  it(
    "watchio " .. name .. " is looked at for its manners",
    function() assert.is_truthy(LINES[name]) end
  )
end

for name, line in pairs(LINES) do
  describe("watchio " .. name, function()
    after_each(e2e.finish)

    local pid, plain, status
    before_each(function()
      pid = e2e.echoer().pid
      plain = start(PLAIN, line, pid)
    end)

    it("does the same, however it is started", function()
      local started = {}
      for how, script in pairs(STARTS) do
        started[how] = start(script, line, pid)
      end
      status = plain:ends(30)
      for how, process in pairs(started) do
        is_well(process, status)
        if not STARTS[how]:find(">&-", 1, true) then
          assert.equal(plain.out:match("^%S*"), process.out:match("^%S*"))
        end
      end
    end)

    it("does the same when it is started with every signal blocked", function()
      if not os.execute("env --block-signal true 2>/dev/null") then
        return pending("needs env --block-signal, of coreutils 8.31")
      end
      is_well(start('env --block-signal "$@"', line, pid), plain:ends(30))
    end)

    it("says in one line that there is no /proc", function()
      if e2e.is_sanitized then return pending("a sanitizer needs /proc itself") end
      if not os.execute("unshare --mount true 2>/dev/null") then
        return pending("needs unshare --mount: root, of util-linux")
      end
      plain:ends(30)
      local process = start(
        [[exec unshare --mount sh -c '
        mount -t tmpfs none /proc && exec "$@"' sh "$@"]],
        line,
        pid
      )
      is_well(process, NEEDS_NO_PROC[name] and plain.status or name == "exec" and 125 or 4)
      if NEEDS_NO_PROC[name] then return end
      assert.matches("^watchio: no /proc is mounted here, [^\n]*\n$", process.err)
      assert.equal("", process.out)
    end)

    it("writes plain letters in a plain locale", function()
      local process = start('LC_ALL=C "$@"', line, pid)
      is_well(process, plain:ends(30))
      local said = process.out .. process.err
      assert.is_nil(said:find("[\x80-\xff]"), said)
    end)

    it("ends without a word when nobody reads its answer", function()
      local process = start(WITHOUT_READER, line, pid)
      status = plain:ends(30)
      is_well(process, plain.out == "" and status or NO_READER)
      assert.is_nil(process.err:find("Broken", 1, true), process.err)
    end)

    it("tells once that the disk is full", function()
      local process = start('"$@" >/dev/full', line, pid)
      status = plain:ends(30)
      is_well(process, plain.out == "" and status or 1)
      local _, told = process.err:gsub("No space left", "")
      assert.equal(plain.out == "" and 0 or 1, told, process.err)
    end)
  end)
end

describe("watchio on a terminal", function()
  after_each(e2e.finish)

  -- What it writes there; a terminal of util-linux' script.
  local function shown(env)
    local terminal = e2e.start {
      "/usr/bin/env",
      "script",
      "-qec",
      e2e.program .. [[ run -e 'watch { spawn = { "sleep", "0.1" } }']],
      "/dev/null",
      env = env,
    }
    terminal:ends_with(0)
    return terminal.out
  end

  it("has colour, unless NO_COLOR says otherwise or the terminal is dumb", function()
    if not os.execute("command -v script >/dev/null 2>&1") then
      return pending("needs script, of util-linux")
    end
    assert.is_truthy(shown({ TERM = "xterm", NO_COLOR = "" }):find("\27[", 1, true))
    assert.is_nil(shown({ TERM = "xterm", NO_COLOR = "1" }):find("\27", 1, true))
    assert.is_nil(shown({ TERM = "dumb", NO_COLOR = "" }):find("\27", 1, true))
  end)
end)
