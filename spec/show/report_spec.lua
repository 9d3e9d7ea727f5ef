-- SPDX-License-Identifier: MIT
local format = require "watchio.base.format"
local json = require "dkjson"
local report = require "watchio.show.report"
local uv = require "luv"

-- 12:03:04.567 UTC on a day; lines for people show local time.
local function at() return 1700000000, 567000 end

local function lines_of(options, records)
  local lines = {}
  options.clock = at
  options.write = function(text) lines[#lines + 1] = text end
  local tell = report.new(options)
  for _, record in ipairs(records) do
    tell(record)
  end
  return lines
end

local target = { pid = 812, name = "nginx", pids = { 812 } }

local function line(record, options)
  local text = lines_of(options or { level = "verbose" }, { record })[1]
  return text and text:gsub("^%d%d:%d%d:%d%d ", ""):gsub("\n$", "")
end

describe("a line for people", function()
  describe("begins where it is written to", function()
    local real = { guess_handle = uv.guess_handle, fs_fstat = uv.fs_fstat }
    after_each(function()
      uv.guess_handle, uv.fs_fstat = real.guess_handle, real.fs_fstat
      uv.os_unsetenv "JOURNAL_STREAM"
    end)

    local function on(kind, stream)
      uv.guess_handle = function() return kind end
      uv.fs_fstat = function() return { dev = 8, ino = 4711 } end
      if stream then uv.os_setenv("JOURNAL_STREAM", stream) end
      return report.line(
        { event = "exit", target = target },
        1700000000,
        { time = report.time_format(2) }
      )
    end

    it(
      "a terminal with the time",
      function() assert.equal(os.date("%H:%M:%S", 1700000000) .. " nginx[812] exit", on "tty") end
    )
    it("a file or a pipe with the date and the time", function()
      local dated = os.date("%Y-%m-%d %H:%M:%S", 1700000000) .. " nginx[812] exit"
      for _, kind in ipairs { "file", "pipe" } do
        assert.equal(dated, on(kind))
      end
      assert.equal(dated, on("pipe", "8:4712"))
      assert.equal(dated, on("pipe", ""))
    end)
    it(
      "the journal with neither: it has its own",
      function() assert.equal("nginx[812] exit", on("pipe", "8:4711")) end
    )
  end)

  it("begins with the local time", function()
    local text = lines_of({}, { { event = "exit", target = target } })[1]
    assert.equal(os.date("%H:%M:%S", 1700000000) .. " nginx[812] exit\n", text)
  end)

  local cases = {
    {
      { event = "active", target = target, why = { io = { rchar = 3000, wchar = 100 } } },
      "nginx[812] active  io +3.1 kB",
    },
    {
      { event = "active", target = target, why = {} },
      "nginx[812] active  in a way that no counter shows",
    },
    {
      { event = "active", target = target, why = { io = { write_bytes = 4096 } } },
      "nginx[812] active  io +4.1 kB",
    },
    {
      { event = "active", target = target, why = { io = { syscr = 2 } } },
      "nginx[812] active  io +2 calls",
    },
    {
      {
        event = "active",
        target = target,
        why = {
          io = { rchar = 12 },
          cpu = { cpu = 0.002 },
          net = { net_rx = 400, net_tx = 2700 },
        },
      },
      "nginx[812] active  net +3.1 kB, io +12 B",
    },
    {
      { event = "active", target = target, why = { cpu = { cpu = 0.0012 } } },
      "nginx[812] active  cpu +1.2ms",
    },
    {
      { event = "active", target = target, why = { cpu = { cpu = 0.00034 } } },
      "nginx[812] active  cpu +340us",
    },
    { { event = "idle", target = target, idle_for = 60.0004 }, "nginx[812] idle  for 1m" },
    {
      { event = "unreadable", target = target, reason = "no permission" },
      "nginx[812] unreadable  no permission",
    },
    {
      { event = "run", target = target, command = "make", pid = 900 },
      "nginx[812] run  make (pid 900)",
    },
    {
      { event = "done", target = target, command = "make", status = 0, seconds = 1.23 },
      "nginx[812] done  make (status 0, 1.2s)",
    },
    {
      { event = "done", command = "make", signal = "TERM", seconds = 20, reason = "timed out" },
      "watchio done  make (timed out, signal TERM, 20s)",
    },
    { { event = "done", command = "make" }, "watchio done  make (it has not ended)" },
    {
      { event = "skip", watch = "pages", command = "make", reason = "it still runs" },
      "pages skip  make (it still runs)",
    },
    {
      { event = "kill", target = target, signal = "TERM", dry = true },
      "nginx[812] kill  TERM  (dry run)",
    },
    {
      { event = "killed", target = target, signal = "KILL", seconds = 0.25 },
      "nginx[812] killed  KILL after 250ms",
    },
    { { event = "log", target = target, message = "hello" }, "nginx[812] log  hello" },
    {
      { event = "missing", watch = "4711", pid = 4711, reason = "no process 4711" },
      "4711 missing  no process 4711",
    },
    {
      {
        event = "error",
        target = target,
        reason = "p.lua:1: x\nstack traceback:\n\t[C]: in ?",
      },
      "nginx[812] error  p.lua:1: x\n    stack traceback:\n      [C]: in ?",
    },
    { { event = "start", watch = "pages", target = target }, "pages: nginx[812] start" },
    { { event = "start", watch = "nginx", target = target }, "nginx[812] start" },
    { { event = "start", watch = "812", target = target }, "nginx[812] start" },
    {
      { event = "start", watch = ("ä"):rep(30), target = target },
      ("ä"):rep(11) .. "…" .. ("ä"):rep(12) .. ": nginx[812] start",
    },
    {
      { event = "start", watch = "python3 -m notebook --name alice-1", target = target },
      "python3 -m …name alice-1: nginx[812] start",
    },
    {
      { event = "idle", target = target, idle_for = 1, last = { io = 205, calls = 4 } },
      "nginx[812] idle  for 1s; last activity: 205 B of I/O in 4 calls",
    },
    {
      { event = "idle", target = target, idle_for = 1, last = { calls = 1 } },
      "nginx[812] idle  for 1s; last activity: 1 call",
    },
    {
      {
        event = "idle",
        target = target,
        idle_for = 1,
        last = { io = 4100, net = 3100, cpu = 1 },
      },
      "nginx[812] idle  for 1s; last activity: 4.1 kB of I/O, 3.1 kB of TCP, 1.0s of CPU",
    },
    { { event = "start", watch = "\x80", target = target }, "\\x80: nginx[812] start" },
    {
      { event = "exit", target = { pid = 1, name = "a\27[2J\nb", pids = { 1 } } },
      "a\\x1b[2J\\nb[1] exit",
    },
  }
  for _, case in ipairs(cases) do
    it("reads: " .. case[2]:match("^[^\n]*"), function()
      local got = line(case[1], { level = "normal" })
      assert.equal(case[2], got)
    end)
  end

  it("tells of all counters only when verbose", function()
    local active =
      { event = "active", target = target, why = { io = { rchar = 12, syscr = 1 } } }
    assert.equal("nginx[812] active  io +12 B", line(active, { level = "normal" }))
    assert.equal(
      "nginx[812] active  io +12 B (rchar +12 syscr +1)",
      line(active, { level = "verbose" })
    )
    active.why.cpu, active.why.net = { cpu = 0.25 }, { net_tx = 7 }
    assert.equal(
      "nginx[812] active  net +7 B, io +12 B " .. "(rchar +12 syscr +1 net_tx +7 cpu +250.0ms)",
      line(active, { level = "verbose" })
    )
  end)

  it("tells only of what went wrong when quiet", function()
    local told = lines_of({ level = "quiet" }, {
      { event = "active", target = target },
      { event = "done", command = "a", status = 0, seconds = 0 },
      { event = "done", command = "b", status = 1, seconds = 0 },
      { event = "refused", target = target, reason = "never" },
      { event = "error", reason = "wrong" },
    })
    assert.equal(3, #told)
  end)

  it("has colour when it is wanted", function()
    local text = line({ event = "idle", target = target }, { colour = true })
    assert.equal("nginx[812] \27[33midle\27[0m", text)
  end)
end)

describe("a line of JSON", function()
  it("has the keys of the manual, in its order", function()
    local text = lines_of({ json = true }, {
      {
        event = "active",
        watch = "pages",
        target = target,
        why = { io = { wchar = 1, rchar = 2 } },
        idle_for = 1.5,
        total = { rchar = 2, wchar = 1 },
        dry = true,
      },
    })[1]
    assert.equal(
      '{"time":"2023-11-14T22:13:20.567Z","event":"active","watch":"pages",'
        .. '"target":{"pid":812,"name":"nginx","pids":[812]},"why":{"io":{"rchar":2,"wchar":1}},'
        .. '"idle_for":1.5,"total":{"rchar":2,"wchar":1},"dry":true}\n',
      text
    )
  end)

  it("has an empty object where no measure is known, and no empty list", function()
    local text = lines_of({ json = true }, {
      {
        event = "active",
        target = target,
        rate = {},
        total = {},
        why = { io = {} },
        pids = {},
      },
    })[1]
    assert.matches('"rate":{}', text, 1, true)
    assert.matches('"total":{}', text, 1, true)
    assert.matches('"why":{"io":{}}', text, 1, true)
    assert.matches('"pids":[]', text, 1, true)
  end)

  it("keeps integers exact", function()
    local text = lines_of({ json = true }, {
      { event = "active", target = target, total = { rchar = math.maxinteger } },
    })[1]
    assert.matches('"rchar":9223372036854775807', text, 1, true)
  end)

  it("is valid whatever a name holds", function()
    local text = lines_of({ json = true }, {
      { event = "exit", target = { pid = 1, name = 'a"\n\255\27', pids = { 1 } } },
    })[1]
    assert.is_truthy(utf8.len(text))
    assert.equal('a"\\n\\xff\\x1b', json.decode(text).target.name)
  end)
end)

describe("an output that breaks", function()
  local native = require "watchio.native"
  local writer = require "watchio.base.writer"
  local complaints

  before_each(function() complaints = {} end)

  local function complain(text) complaints[#complaints + 1] = text end

  it("is muted, and told of once", function()
    local broken <close> = assert(io.open("/proc/self/stat", "r"))
    local write = writer.new(broken, "standard output", complain)
    write "one\n"
    write "two\n"
    assert.same({
      "watchio: cannot write to standard output (Bad file descriptor): "
        .. "it is muted, all else goes on\n",
    }, complaints)
  end)

  it("is told of once while it is full", function()
    local full <close> = assert(io.open("/dev/full", "w"))
    local write = writer.new(full, "standard output", complain)
    write "one\n"
    write "two\n"
    assert.same({
      "watchio: cannot write to standard output (No space left on device): "
        .. "until there is room its lines are lost, all else goes on\n",
    }, complaints)
  end)

  describe("since it is full", function()
    local write_now, taken, room = native.write_now, nil, nil

    before_each(function()
      taken, room = "", 7
      function native.write_now(_, text)
        local now = math.min(#text, room)
        if now == 0 then return nil, "No space left on device", "ENOSPC" end
        taken, room = taken .. text:sub(1, now), room - now
        return now
      end
    end)
    after_each(function() native.write_now = write_now end)

    local function writes(to)
      local file <close> = assert(io.open("/dev/null", "w"))
      local write = writer.new(file, "standard error", to)
      write "one\n"
      write "two\n" -- of which it takes three
      write "three\n"
      room = 1000
      write "four\n"
      write "five\n"
    end

    it("goes on once there is room, and says what was lost", function()
      writes()
      assert.equal(
        "one\ntwo\nwatchio: standard error had no room for a while: "
          .. "2 lines of it (7 B) are lost\nfour\nfive\n",
        taken
      )
    end)

    it("says so elsewhere where only its own lines may stand there", function()
      writes(complain)
      assert.equal("one\ntwo\nfour\nfive\n", taken)
      assert.equal(2, #complaints)
      assert.equal(
        "watchio: standard error had no room for a while: " .. "2 lines of it (7 B) are lost\n",
        complaints[2]
      )
    end)
  end)
end)

describe("an output that nobody reads", function()
  local leaks = require "spec.support.leaks"
  local writer = require "watchio.base.writer"
  local before, pipe, stream

  before_each(function()
    before = leaks.before()
    pipe = uv.pipe({ nonblock = true }, {})
    stream = assert(io.open("/dev/fd/" .. pipe.write, "w"))
    uv.fs_close(pipe.write)
  end)
  after_each(function()
    stream:close()
    uv.fs_close(pipe.read)
    leaks.check(before)
  end)

  local text_line = ("x"):rep(999) .. "\n"

  -- Reads until a text has come, while the loop runs.
  local function read_until(wanted)
    local text = ""
    local deadline = uv.hrtime() + 5e9
    local alive = uv.new_timer()
    alive:start(0, 5, function() end)
    while text:sub(-#wanted) ~= wanted and uv.hrtime() < deadline do
      uv.run("once")
      text = text .. (uv.fs_read(pipe.read, 65536, -1) or "")
    end
    alive:close()
    return text
  end

  it("gets all of it later, in order", function()
    local write = writer.new(stream, "standard output")
    for number = 1, 500 do
      write(number .. text_line)
    end
    write "the end\n"
    local expected = {}
    for number = 1, 500 do
      expected[number] = number .. text_line
    end
    assert.is_true(table.concat(expected) .. "the end\n" == read_until "the end\n")
    writer.finish()
  end)

  it("is kept up to a bound; what is lost is told once it is read again", function()
    local write = writer.new(stream, "standard output")
    for _ = 1, 2000 do
      write(text_line)
    end
    local text = read_until "are lost\n"
    local lost =
      text:match("nobody read standard output for a while: (%d+) lines of it are lost")
    local _, lines = text:gsub("\n", "")
    assert.equal(2001, lines + lost)
    assert.is_true(lines > 1000)
    writer.finish()
  end)

  it("holds nothing up at the end", function()
    local write = writer.new(stream, "standard output")
    for _ = 1, 2000 do
      write(text_line)
    end
    local began = uv.hrtime()
    writer.finish()
    assert.is_true(uv.hrtime() - began < 2e9)
  end)

  it("does not change the flags of those who share it", function()
    writer.new(stream, "standard output")(text_line)
    local path = ("/proc/self/fdinfo/%d"):format(require("watchio.native").descriptor(stream))
    local file <close> = assert(io.open(path))
    local flags = tonumber(file:read("a"):match("flags:%s*(%d+)"), 8)
    assert.equal(0, flags & uv.constants.O_NONBLOCK)
  end)
end)

describe("format", function()
  it("says time spans as people do", function()
    for seconds, text in pairs {
      [0.02] = "20ms",
      [1] = "1s",
      [1.25] = "1.2s",
      [12.4] = "12s",
      [5400] = "1h30m",
    } do
      assert.equal(text, format.span(seconds))
    end
  end)

  it("makes whatever a name holds visible, in one line, in several, or as printed", function()
    local text = "a\27[31m\tb\nc\xff"
    assert.equal("a\\x1b[31m\\tb\\nc\\xff", format.escape(text))
    assert.equal("a\\x1b[31m  b\n    c\\xff", format.lines(text))
    assert.equal("a\\x1b[31m\tb\nc\\xff", format.printed(text))
    assert.equal("one\n", format.printed "one\n")
  end)

  it(
    "shows commands so that a shell would take them",
    function()
      assert.equal(
        "make -C /srv 'it'\\''s' ''",
        format.command { "make", "-C", "/srv", "it's", "" }
      )
    end
  )
end)
