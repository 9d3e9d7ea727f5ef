-- SPDX-License-Identifier: MIT
-- `watchio stat` on real processes, pipes and terminals.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local function has(program)
  return os.execute(("command -v %s >/dev/null 2>&1"):format(program)) == true
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\r\n]+" do
    lines[#lines + 1] = line
  end
  return lines
end

-- Writes 4 KiB to a file every millisecond, and what it was late with.
local WRITER = [[
  local uv = require "luv"
  local fd = assert(uv.fs_open(..., "w", 384))
  local page, written, begun = ("x"):rep(4096), 0, uv.hrtime()
  uv.new_timer():start(1, 1, function()
    while written < (uv.hrtime() - begun) / 1e6 do
      uv.fs_write(fd, page, written % 4096 * 4096)
      written = written + 1
    end
  end)
  uv.run()
]]

describe("watchio stat", function()
  after_each(e2e.finish)

  local function stat(...) return e2e.watchio { "stat", ... } end

  it("shows one line per target and interval, after a header, and nothing else", function()
    local first, second = e2e.echoer(), e2e.echoer()
    local watchio = stat(first.pid, second.name, "--every", "50ms", "--count", "3")
    watchio:ends_with(0)
    local lines = lines_of(watchio.out)
    assert.equal(7, #lines, watchio.out)
    assert.equal(
      "time pid state read/s write/s disk_read disk_write calls/s net/s cpu% idle name",
      (lines[1]:gsub(" +", " "))
    )
    for index = 2, 7 do
      local target = index % 2 == 0 and first or second
      assert.matches(
        ("^%%d%%d:%%d%%d:%%d%%d +%d quiet .* %s$"):format(target.pid, target.name),
        lines[index]
      )
    end
    assert.equal("", watchio.err)
  end)

  -- What pidstat calls the KiB written a second, over three seconds from now: the median of five,
  -- since a busy machine can hold one up between its clock and its reading.
  local function ask_pidstats(pid)
    local pidstats, answers = {}, {}
    for index = 1, 5 do
      pidstats[index] = e2e.start {
        "/usr/bin/env",
        "LC_ALL=C",
        "S_TIME_FORMAT=ISO",
        "pidstat",
        "-d",
        "-p",
        pid,
        "1",
        "3",
      }
    end
    return function()
      for index, pidstat in ipairs(pidstats) do
        pidstat:ends_with(0)
        answers[index] = tonumber(pidstat.out:match "Average: +%d+ +%d+ +[%d.]+ +([%d.]+)")
      end
      table.sort(answers)
      return answers[3]
    end
  end

  it("agrees with pidstat to 1 %", function()
    if not has "pidstat" then return pending "pidstat (package sysstat) is missing" end
    local writer = e2e.start { e2e.lua, "-", e2e.folder() .. "/file", stdin = WRITER }
    e2e.within(
      5,
      "its first writes",
      function()
        return (e2e.read(("/proc/%d/io"):format(writer.pid)) or ""):find "write_bytes: [1-9]"
      end
    )
    local answer = ask_pidstats(writer.pid)
    local watchio = stat(writer.pid, "--every", "1s", "--count", "3", "--json")
    local theirs = answer()
    watchio:ends_with(0)
    local written, seconds = 0, 0
    for _, sample in ipairs(watchio:events "sample") do
      written = written + sample.rate.write_bytes * sample.seconds
      seconds = seconds + sample.seconds
    end
    local ours = written / seconds / 1024
    local both = ("%g kB/s, pidstat: %g"):format(ours, theirs)
    assert.is_true(math.abs(ours / theirs - 1) < 0.01, both)
  end)

  it("shows what comes, and what has ended a last time", function()
    local path, name = e2e.named "/bin/cat"
    local first = e2e.start { path, input = true }
    e2e.within(
      5,
      "its name",
      function()
        return (e2e.read(("/proc/%d/comm"):format(first.pid)) or ""):find(name, 1, true)
      end
    )
    local watchio = stat(name, "--every", "50ms", "--json")
    watchio:tells("sample", first.pid)
    local second = e2e.start { path, input = true }
    watchio:tells("sample", second.pid)
    first:signals "sigterm"
    local last = watchio:tells("exit", first.pid)
    assert.same({ "exited", {} }, { last.state, last.rate })
    assert.is_number(last.total.rchar)
    watchio:signals "sigint"
    watchio:ends_with(130)
  end)

  it("ends when all pids that were named have ended", function()
    local target = e2e.echoer()
    local watchio = stat(target.pid, "--every", "50ms", "--csv")
    watchio:says ",sample,"
    target:signals "sigterm"
    watchio:ends_with(0)
    local lines = lines_of(watchio.out)
    assert.matches("^time,event,pid,", lines[1])
    assert.matches((",exit,%d,%s,1,exited,"):format(target.pid, target.name), lines[#lines])
    local _, commas = lines[1]:gsub(",", "")
    for _, line in ipairs(lines) do
      assert.equal(commas, select(2, line:gsub(",", "")))
    end
  end)

  it("shows what cannot be read as such, and ends with 4", function()
    if not e2e.is_root then return pending("needs root, to become somebody else") end
    local target = e2e.echoer()
    local watchio = e2e.start {
      e2e.public_program(),
      "stat",
      target.pid,
      "--every",
      "50ms",
      "--count",
      "1",
      uid = 65534,
      gid = 65534,
    }
    watchio:ends_with(4)
    local line = lines_of(watchio.out)[2]
    assert.matches("unknown +%? +%? +%? +%? +%? +%? +0%.0 +%? " .. target.name .. "$", line)
    assert.is_truthy(watchio.err:find("CAP_SYS_PTRACE", 1, true))
  end)

  it("ends with 1 and one line when nothing more can be written", function()
    local shell =
      e2e.shell('"$1" stat $2 --every 20ms >/dev/full', e2e.program, e2e.echoer().pid)
    shell:ends_with(1)
    assert.equal(
      "watchio: cannot write to standard output (No space left on device)\n",
      shell.err
    )
  end)

  it("ends without a word when nobody reads it any more", function()
    local shell = e2e.shell(
      '{ "$1" stat $2 --every 20ms; echo $? >&2; } | head -n 2',
      e2e.program,
      e2e.echoer().pid
    )
    shell:ends_with(0)
    assert.equal("141\n", shell.err)
    assert.equal(2, #lines_of(shell.out))
  end)

  it("ends so like every command", function()
    local shell = e2e.shell(
      [[{
      trap '' PIPE
      while echo; do :; done 2>/dev/null
      "$1" match $$
      echo $? >&2
    } | :]],
      e2e.program
    )
    shell:ends_with(0)
    assert.equal("141\n", shell.err)
  end)

  it("works with closed standard files, an unknown terminal and no home", function()
    local target = e2e.echoer()
    local ways = { "<&-", ">&-", "2>&-", "<&- 2>&-", "TERM=no-such", "HOME=/no/such LC_ALL=C" }
    for _, way in ipairs(ways) do
      local before, after = "", way
      if way:find "=" then
        before, after = way, ""
      end
      local shell = e2e.shell(
        ('%s "$1" stat $2 --every 20ms --count 1 %s'):format(before, after),
        e2e.program,
        target.pid
      )
      shell:ends_with(0)
      assert.equal("", shell.err, way)
      if way ~= ">&-" then assert.equal(2, #lines_of(shell.out), way) end
    end
  end)

  -- On a terminal of its own, of a given size.
  local function on_terminal(columns, rows, ...)
    local command = ("stty cols %d rows %d; exec '%s' stat %s"):format(
      columns,
      rows,
      e2e.program,
      table.concat({ ... }, " ")
    )
    return e2e.start {
      "/usr/bin/env",
      "script",
      "-qec",
      command,
      "/dev/null",
      input = true,
      env = { TERM = "xterm", NO_COLOR = "" },
    }
  end

  it("keeps to a terminal's width and repeats its header", function()
    if not has "script" then return pending "script (package bsdutils) is missing" end
    local terminal = on_terminal(50, 6, e2e.echoer().pid, "--every 20ms --count 9")
    terminal:ends_with(0)
    local heads = {}
    local lines = lines_of(terminal.out)
    for index, line in ipairs(lines) do
      assert.is_true(utf8.len((line:gsub("\27%[%d+m", ""))) <= 50, line)
      if line:find("read/s", 1, true) then heads[#heads + 1] = index end
    end
    assert.same({ 1, 6, 11 }, heads, terminal.out)
    assert.equal(12, #lines)
  end)

  it("colours on a terminal only, and not with NO_COLOR", function()
    if not has "script" then return pending "script (package bsdutils) is missing" end
    local target = e2e.echoer()
    for _, no_colour in ipairs { "", "1" } do
      local shell = ("NO_COLOR=%s exec '%s' stat %d --every 20ms --idle 10ms --count 2"):format(
        no_colour,
        e2e.program,
        target.pid
      )
      local terminal = e2e.start {
        "/usr/bin/env",
        "TERM=xterm",
        "script",
        "-qec",
        shell,
        "/dev/null",
        input = true,
      }
      terminal:ends_with(0)
      assert.equal(no_colour == "", terminal.out:find("\27[", 1, true) ~= nil, terminal.out)
    end
  end)

  it("ends with its terminal", function()
    if not has "script" then return pending "script (package bsdutils) is missing" end
    local target = e2e.echoer()
    local terminal = on_terminal(80, 24, target.pid, "--every 20ms")
    terminal:says(target.pid .. " quiet.*" .. target.pid .. " quiet")
    uv.kill(terminal.pid, "sigkill") -- and e2e.finish sees that nothing is left behind
    terminal:ends()
  end)
end)
