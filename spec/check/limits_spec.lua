-- SPDX-License-Identifier: MIT
-- Limits, and handlers of samples, on the virtual clock.
local limits = require "watchio.check.limits"
local report = require "watchio.show.report"
local sessions = require "spec.support.sessions"

describe("a limit", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10, { name = "backup" }) end)

  local function watch(options) return it_session.verbs.watch(options) end
  local function proc() return it_session.proc end

  -- Writes so much in each of so many seconds.
  local function write(bytes, seconds, pid)
    for _ = 1, seconds do
      proc():move(pid or 10, { write_bytes = bytes })
      it_session:advance("1s")
    end
  end

  -- What was told of limits, and after how many seconds: "over@3 under@9".
  local function crossings()
    local told = {}
    for _, record in ipairs(it_session.records) do
      if record.event == "over" or record.event == "under" then
        told[#told + 1] = ("%s@%g"):format(record.event, record.at)
      end
    end
    return table.concat(told, " ")
  end

  local RATE <const> = { "write_bytes", above = "50B/s", hold = "3s" }

  it("of a rate is over after its hold, and under after the hold below its edge", function()
    watch { 10, limits = { RATE } }
    it_session:advance("2s")
    write(51, 3)
    assert.equal("over@5", crossings())
    write(45, 2)
    assert.equal("over@5", crossings())
    write(45, 1)
    assert.equal("over@5 under@8", crossings())
  end)

  it("of a rate begins its hold anew at each sample on the other side", function()
    watch { 10, limits = { RATE } }
    for _ = 1, 5 do
      write(500, 2)
      write(50, 1)
    end
    assert.equal("", crossings())
    write(51, 3)
    assert.equal("over@18", crossings())
    for _ = 1, 5 do
      write(0, 2)
      write(46, 1) -- neither above the limit nor below the edge
    end
    assert.equal("over@18", crossings())
  end)

  it("can have another lower edge", function()
    watch { 10, limits = { { "write_bytes", above = "50B/s", below = "10B/s" } } }
    it_session:advance("2s")
    write(51, 1)
    write(11, 5)
    assert.equal("over@3", crossings())
    write(10, 1)
    assert.equal("over@3 under@9", crossings())
  end)

  it("of a total is over once", function()
    proc():move(10, { write_bytes = 5000 }) -- before it was watched
    watch { 10, limits = { { "write_bytes", above = "1KB" } } }
    it_session:advance("2s")
    write(1000, 1)
    assert.equal("", crossings())
    write(1, 1)
    write(1000, 3)
    assert.equal("over@4", crossings())
    assert.equal(1001, it_session:record("over").total.write_bytes)
    assert.is_nil(it_session:record("over").rate)
  end)

  it("of a total is told before the exit", function()
    proc():add(11, { ppid = 10 })
    watch { 10, limits = { { "write_bytes", above = "1KB" } } }
    it_session:advance("2s")
    proc():move(10, { write_bytes = 1001 })
    proc():zombie(10)
    proc():zombie(11)
    it_session:advance("1s")
    assert.equal("start active over exit", it_session:told())
  end)

  it("is on all of a target: children, and what a reap moves, count once", function()
    proc():add(11, { ppid = 10 })
    watch { 10, limits = { { "write_bytes", above = "50B/s" } } }
    it_session:advance("2s")
    proc():move(11, { write_bytes = 30 })
    write(20, 1)
    assert.equal("", crossings())
    proc():finish(11)
    write(30, 1) -- what the child had is its parent's now
    assert.equal("", crossings())
    proc():add(12, { ppid = 10 })
    proc():move(12, { write_bytes = 30 })
    write(21, 1)
    assert.equal("over@5", crossings())
  end)

  it("does not judge what it does not know, and its hold begins anew", function()
    watch { 10, limits = { RATE } }
    it_session:advance("2s")
    write(51, 2)
    proc():deny(10)
    it_session:advance("1s")
    proc():allow(10)
    write(400, 1) -- all that was done in the meantime is seen at once, and is no rate
    write(51, 2)
    assert.equal("", crossings())
    write(51, 1)
    assert.equal("over@9", crossings())
    proc():deny(10)
    it_session:advance("1h")
    assert.equal("over@9", crossings()) -- unknown is not zero
  end)

  it(
    "on a kind that does not count forbids no idleness, and what it cannot see is told",
    function()
      local blind
      watch {
        10,
        counts = "cpu",
        idle = "5s",
        limits = { { "write_bytes", above = "50B/s" }, { "syscw", above = "5/s" } },
        on_unreadable = function(_, event) blind = event end,
      }
      it_session:advance("2s")
      write(51, 1)
      assert.equal("start over", it_session:told())
      proc():deny(10)
      it_session:advance("10s")
      assert.equal("start over unreadable idle", it_session:told())
      assert.matches("; limits on it are not judged$", blind.reason)
      assert.equal("io", blind.kind)
      proc():move(10, { wchar = 9 })
      it_session:advance("2s")
      assert.equal("start over unreadable idle under", it_session:told())
    end
  )

  it("is judged at the watch's own samples, whatever others do", function()
    watch { 10, every = "2s", limits = { { "write_bytes", above = "50B/s", hold = "4s" } } }
    watch { 10, every = "300ms", label = "other" }
    it_session:advance("2s")
    write(51, 4)
    assert.equal("over@6", crossings())
  end)

  for measure, case in pairs {
    cpu = { above = "80%", limit = 0.8, move = function() proc():run(10, 81) end, rate = 0.81 },
    syscr = {
      above = "20/s",
      limit = 20,
      move = function() proc():move(10, { syscr = 21 }) end,
      rate = 21,
    },
    rchar = {
      above = "1KiB/s",
      limit = 1024,
      move = function() proc():move(10, { rchar = 1025 }) end,
      rate = 1025,
    },
  } do
    it("can be on " .. measure, function()
      local seen
      watch {
        10,
        limits = {
          { measure, above = case.above, on_over = function(_, event) seen = event end },
        },
      }
      it_session:advance("2s")
      case.move()
      it_session:advance("1s")
      assert.equal("over", seen.type)
      assert.equal(measure, seen.measure)
      assert.equal(case.limit, seen.limit)
      assert.near(case.rate, seen.rate[measure], 1e-9)
      assert.near(case.rate, seen.total[measure], 1e-9)
      assert.near(case.rate, seen.why[measure == "cpu" and "cpu" or "io"][measure], 1e-9)
    end)
  end

  it("of a total of cpu is a time", function()
    watch { 10, limits = { { "cpu", above = "10m" } } }
    it_session:advance("2s")
    proc():run(10, 60001)
    it_session:advance("1s")
    assert.equal(600, it_session:record("over").limit)
  end)

  it("has handlers that are actions, and these can throttle and let go", function()
    local done = {}
    watch {
      10,
      limits = {
        {
          "write_bytes",
          above = "50B/s",
          on_over = {
            it_session.verbs.run { "throttle" },
            function(on, event)
              done[#done + 1] = ("%s %s %g"):format(event.type, on.name, on.rate.write_bytes)
            end,
          },
          on_under = function(_, event) done[#done + 1] = event.type end,
        },
      },
    }
    it_session:advance("2s")
    write(60, 1)
    assert.equal("throttle", it_session.commands[1].options.argv[1])
    it_session.commands[1].finish()
    write(0, 1)
    assert.same({ "over backup 60", "under" }, done)
  end)

  it("goes on when a handler of it raises", function()
    local errors = 0
    watch {
      10,
      on_error = function() errors = errors + 1 end,
      limits = { { "write_bytes", above = "50B/s", on_over = function() error "x" end } },
    }
    it_session:advance("2s")
    write(60, 1)
    write(0, 1)
    write(60, 1)
    assert.equal("over@3 under@4 over@5", crossings())
    assert.equal(2, errors)
  end)

  it("does not end the rounds of the state its target is in", function()
    local rounds = 0
    watch {
      10,
      limits = { { "write_bytes", above = "50B/s" } },
      while_active = { every = "1s", function() rounds = rounds + 1 end },
    }
    it_session:advance("2s")
    write(60, 3)
    write(0, 3)
    assert.equal(6, rounds)
  end)

  it("is reported in words and in JSON", function()
    watch { 10, limits = { { "write_bytes", above = "50MB/s", hold = "30s" } } }
    it_session:advance("1s")
    write(61000000, 30)
    local told = it_session:record("over")
    local line = report.line(told, 0, { colour = false })
    assert.matches(" backup%[10%] over  disk_write 61 MB/s for 30s %(limit 50 MB/s%)$", line)
    local object = require("dkjson").decode(report.json(told, 0, 0))
    assert.equal("write_bytes", object.measure)
    assert.equal(50000000, object.limit)
    assert.same({ write_bytes = 61000000 }, object.rate)
    assert.equal(30 * 61000000, object.total.write_bytes)
    assert.equal(30, object.seconds)
    write(1000, 30)
    line = report.line(it_session:record("under"), 0, { colour = false })
    assert.matches("under  disk_write 1.0 kB/s for 30s %(limit 50 MB/s%)$", line)
  end)

  it("of a total is reported without a rate", function()
    watch { 10, limits = { { "write_bytes", above = "10GB" }, { "syscr", above = 100 } } }
    it_session:advance("1s")
    proc():move(10, { syscr = 150 })
    write(12000000000, 1)
    local lines = {}
    for _, record in ipairs(it_session.records) do
      lines[#lines + 1] = report.line(record, 0, { colour = false }):match("over  (.*)")
    end
    assert.same({
      "disk_write 12 GB (limit 10 GB)",
      "read_calls 150 calls (limit 100 calls)",
    }, lines)
  end)

  it("is shown in words", function()
    local list = assert(limits.check {
      { "write_bytes", above = "50MB/s", hold = "30s" },
      { "cpu", above = "80%" },
      { "cpu", above = "10m" },
      { "syscw", above = "1200/m" },
      { "net_rx", above = 2e9 },
    })
    local words = {}
    for index, limit in ipairs(list) do
      words[index] = limits.show(limit)
    end
    assert.same({
      "disk_write above 50 MB/s for 30s",
      "cpu above 80%",
      "cpu above 10m in all",
      "write_calls above 20/s",
      "net_rx above 2.0 GB in all",
    }, words)
  end)

  it("goes on over a reload that leaves it as it was, with its new handlers", function()
    local policy = [[watch { 10, limits = {
      { "write_bytes", above = "%s", hold = "3s", on_over = log "%s" } } }]]
    it_session:run { text = policy:format("50B/s", "old") }
    it_session:advance("2s")
    write(51, 2)
    it_session:reload(policy:format("50B/s", "new"))
    write(51, 1)
    assert.equal("over@5", crossings())
    assert.equal("new", it_session:record("log").message)
    it_session:reload(policy:format("60B/s", "other")) -- judged in another way, so it begins anew
    write(61, 3)
    assert.equal("over@5", crossings())
    write(61, 1)
    assert.equal("over@5 over@9", crossings())
  end)

  it("says the same whenever it is lived", function()
    local function lived(start)
      local it = sessions.new()
      it:advance(start)
      it.proc:add(20)
      it.verbs.watch {
        20,
        every = "100ms",
        limits = {
          { "write_bytes", above = "500B/s", hold = "1s" },
          { "wchar", above = "2KB" },
        },
      }
      math.randomseed(7)
      it:advance(0)
      local from = it.session:now()
      for step = 0, 199 do
        local bytes = step // 20 % 2 == 0 and math.random(48, 200) or math.random(0, 46)
        it.proc:move(20, { write_bytes = bytes, wchar = math.random(0, 30) })
        it:advance("100ms")
      end
      it:close()
      local told = {}
      for _, record in ipairs(it.records) do
        told[#told + 1] =
          { record.event, math.floor(record.at * 1e9 + 0.5) - from, record.rate }
      end
      return told
    end
    local first = lived("1s")
    assert.is_true(#first > 5)
    assert.same(first, lived("3h"))
  end)
end)

describe("a handler of samples", function()
  local it_session = sessions.fixture()
  before_each(function() it_session.proc:add(10) end)

  it("is called at each sample with the rates since the one before", function()
    local seen, rates = {}, {}
    it_session.verbs.watch {
      10,
      every = "2s",
      on_sample = function(on, event)
        seen[#seen + 1], rates[#rates + 1] = event, on.rate.wchar
      end,
    }
    it_session:advance("1s")
    it_session.proc:move(10, { wchar = 500 })
    it_session:advance("5s")
    assert.equal(3, #seen)
    assert.equal("sample", seen[1].type)
    assert.same({ 250, 0, 0 }, rates)
    assert.equal(250, seen[1].rate.wchar)
    assert.equal(0, seen[2].rate.wchar)
    assert.equal(0, seen[1].rate.cpu)
    assert.equal(500, seen[3].total.wchar)
    assert.equal("start active", it_session:told()) -- samples are not reported
    assert.has_error(function() return seen[1].rate.wchars end)
  end)

  it("comes and goes with a reload", function()
    it_session:run { text = [[watch { 10 }]] }
    it_session:advance("2s")
    it_session:reload [[watch { 10, on_sample = function() quit(3) end }]]
    it_session:advance("2s")
    assert.equal(3, it_session.session.status)
  end)

  it("sees no rate of what cannot be read", function()
    local seen
    it_session.verbs.watch { 10, on_sample = function(_, event) seen = event end }
    it_session:advance("2s")
    it_session.proc:deny(10)
    it_session:advance("1s")
    assert.is_nil(seen.rate.wchar)
    assert.equal(0, seen.rate.cpu)
  end)
end)
