-- SPDX-License-Identifier: MIT
-- The shipped policies on real processes.
local e2e = require "spec.e2e.support"
local uv = require "luv"

-- Writes to the disk without an end, as fast as it is let.
local WRITER <const> = "while :; do dd if=/dev/zero of=$1 bs=64k count=16 2>/dev/null; done"

describe("the policy", function()
  after_each(e2e.finish)

  local function run(name, ...) return e2e.watchio { "run", "--json", name, ... } end

  -- A shell line that notes in a file that it ran, and how often it did.
  local function note()
    local path = e2e.folder() .. "/note"
    return ("echo ran >> %s"):format(path),
      function() return select(2, (e2e.read(path) or ""):gsub("ran\n", "")) end
  end

  for what, case in pairs {
    ["a command without quotes"] = {
      { "scale-to-zero", "8080", "python3", "-m", "http.server" },
      "takes at most 3 arguments, but was given 4",
      "\nCOMMAND is one argument: quote it",
    },
    ["an option behind its name"] = {
      { "kill-on-idle", "--dry-run", "no-such-name" },
      "'%-%-dry%-run' is no argument of it %(the options of run stand before the name%)",
      "",
    },
  } do
    it("that is shipped refuses " .. what, function()
      local words, message, advice = table.unpack(case)
      for _, command in ipairs { "run", "check" } do
        local watchio = e2e.watchio { command, table.unpack(words) }
        watchio:ends_with(1)
        assert.matches(
          "^" .. words[1]:gsub("%-", "%%-") .. ": " .. message .. "\nUsage: ",
          watchio.err
        )
        assert.matches(advice, watchio.err)
      end
    end)
  end

  local function keep_busy(process, seconds, until_it)
    e2e.within(seconds, "what activity brings", function()
      process:writes("x\n")
      return until_it()
    end)
  end

  it("rebuild-while-read rebuilds while it is read, and ends the server afterwards", function()
    local server, line, count = e2e.echoer(), note()
    local watchio = run("rebuild-while-read", server.pid, line, "300ms", "2s")
    keep_busy(server, 10, function() return count() >= 2 end)
    watchio:tells("killed", server.pid)
    assert.equal("signal 15", server:ends())
    watchio:ends_with(0)
  end)

  it("kill-on-idle ends who does nothing, and spares who works", function()
    local path, name = e2e.named "/bin/cat"
    local idle, busy = e2e.start { path, input = true }, e2e.start { path, input = true }
    local watchio = run("kill-on-idle", name, "1500ms", "1s")
    keep_busy(busy, 10, function() return idle.status end)
    assert.equal(15, idle.signal)
    assert.is_true(e2e.alive(busy.pid))
    assert.equal(idle.pid, watchio:tells("killed").target.pid)
  end)

  it("backup-when-quiet runs the backup once nobody uses the database", function()
    local database, line, count = e2e.echoer(), note()
    local watchio = run("backup-when-quiet", database.pid, line, "1s", "1h")
    watchio:tells("done")
    assert.equal(1, count())
  end)

  it("write-budget ends a writer over its budget", function()
    local file = e2e.folder() .. "/data"
    local writer = e2e.start { "/bin/sh", "-c", WRITER, "sh", file }
    local watchio = run("write-budget", writer.pid, "8MB", "1s")
    local over = watchio:tells("over", writer.pid)
    assert.is_true(over.total.write_bytes > 8000000)
    watchio:tells("killed", writer.pid)
    assert.is_number(writer:ends() and writer.signal)
  end)

  -- A field of /proc/PID/stat behind the name: 1 is the state, 17 the nice value.
  local function stat(pid, field)
    local words = {}
    for word in e2e.read(("/proc/%d/stat"):format(pid)):match(".*%) (.*)"):gmatch "%S+" do
      words[#words + 1] = word
    end
    return words[field]
  end

  it("stop-while-active stops the job while the other works", function()
    local job, other = e2e.echoer(), e2e.echoer()
    local watchio = run("stop-while-active", job.pid, other.pid, "1500ms")
    watchio:tells("start", other.pid)
    keep_busy(other, 10, function() return stat(job.pid, 1) == "T" end)
    e2e.within(15, "the job's going on", function() return stat(job.pid, 1) == "S" end)
    watchio:tells("cont", job.pid)
    assert.equal(1, #watchio:events "stop")
    assert.equal(1, #watchio:events "cont")
  end)

  -- What it has written so far, with all that it has started and waited for.
  local function written(pid)
    return tonumber((e2e.read(("/proc/%d/io"):format(pid)) or ""):match "\nwrite_bytes: (%d+)")
  end

  it("throttle-writer holds a writer to a rate that is a fraction of his", function()
    local file = e2e.folder() .. "/data"
    local writer = e2e.start { "/bin/sh", "-c", WRITER, "sh", file }
    local from = uv.hrtime()
    e2e.within(20, "it to write", function() return written(writer.pid) > 20e6 end)
    local own_rate = written(writer.pid) / (uv.hrtime() - from) * 1e9
    local rate = own_rate // 10 // 1000
    local watchio = run("throttle-writer", writer.pid, ("%dKB/s"):format(rate))
    watchio:tells("throttle", writer.pid)
    local before, at = written(writer.pid), uv.hrtime()
    e2e.within(
      30,
      "some seconds of it",
      function() return uv.hrtime() - at > 3e9 and written(writer.pid) > before end
    )
    local held = (written(writer.pid) - before) / (uv.hrtime() - at) * 1e9
    assert.is_true(held < own_rate / 3, ("%.0f of %.0f B/s"):format(held, own_rate))
    watchio:signals "sigterm"
    watchio:ends_with(0)
    assert.is_true(stat(writer.pid, 1) ~= "T")
  end)

  it("stuck-job-alarm tells of a job that does nothing, and runs a command as well", function()
    local job, line, count = e2e.echoer(), note()
    local watchio = run("stuck-job-alarm", job.pid, "1s", "1h", line)
    watchio:tells("done")
    assert.equal(1, count())
    assert.matches(
      job.name .. "%[" .. job.pid .. "%] has done nothing for 0 minutes",
      watchio.out
    )
  end)

  it("suspend-when-idle waits for what runs, and then for as long as is asked", function()
    local job, line, count = e2e.echoer(), note()
    local watchio = run("suspend-when-idle", job.name, "500ms", line)
    watchio:tells("start", job.pid)
    assert.equal(0, count())
    job:signals "sigterm"
    watchio:tells("exit", job.pid)
    e2e.within(10, "the command", function() return count() == 1 end)
  end)

  -- Asks for the page; returns the answer, or what kept it from coming.
  local function get(port)
    local client, answer, done = uv.new_tcp(), "", nil
    client:connect("127.0.0.1", port, function(refused)
      if refused then
        done = refused
        return
      end
      client:write "GET / HTTP/1.1\r\n\r\n"
      client:read_start(function(_, text)
        if text then
          answer = answer .. text
        else
          done = answer
        end
      end)
    end)
    e2e.within(5, "an answer", function() return done end)
    client:close()
    return done
  end

  it(
    "scale-to-zero says that its command is none, tries ever less often, and answers",
    function()
      local port = e2e.free_port()
      local watchio = run("scale-to-zero", port, "no-such-command-of-ours")
      watchio:says "the server has ended by itself: the next try is in 1 s"
      e2e.within(
        10,
        "an answer",
        function() return get(port):find("It starts soon", 1, true) end
      )
      e2e.within(10, "an answer", function() return get(port):find("It starts.", 1, true) end)
      watchio:says "the next try is in 2 s"
      assert.equal(2, #watchio:events "run")
      assert.same({}, watchio:events "error")
    end
  )

  it("scale-to-zero ends the server, and starts it again for a visitor", function()
    local folder, port = e2e.folder(), e2e.free_port()
    e2e.write(folder .. "/index.html", "the page")
    local serve = ("exec %s scripts/webserver.lua %s %d"):format(e2e.lua, folder, port)
    local watchio = run("scale-to-zero", port, serve, "1s")
    local function gets(what)
      e2e.within(10, what, function() return get(port):find(what, 1, true) end)
    end
    gets "the page"
    watchio:tells("killed")
    gets "503 Starting"
    gets "the page"
    watchio:until_it("the second end", function() return #watchio:events "killed" == 2 end)
  end)
end)
