-- SPDX-License-Identifier: MIT
-- What `watchio stat` shows, on a fake /proc and the virtual clock.
local json = require "dkjson"
local lines = require "watchio.cli.stat_lines"
local samples = require "watchio.jobs.samples"
local sessions = require "spec.support.sessions"
local targets = require "watchio.cli.targets"

describe("samples", function()
  local it_session = sessions.fixture()
  local rows, rounds
  before_each(function()
    rows, rounds = {}, 0
    it_session.proc:add(10, { name = "web" })
  end)

  local function start(...)
    local native = targets.native(it_session.session, { ... })
    samples.start(it_session.session, native, {
      per = "tree",
      every_ns = 2000000000,
      idle_ns = 3000000000,
      clock = function() return 1700000000, 250000 end,
    }, function(row)
      row.rounds = rounds
      rows[#rows + 1] = row
    end, function() rounds = rounds + 1 end)
    it_session:advance("1ms")
  end

  it("tell rates by measured time, from the second look on", function()
    start { name = "web" }
    it_session.proc:move(10, { wchar = 3000, syscw = 3 })
    it_session:advance("1s")
    assert.equal(0, #rows)
    it_session:advance("1s")
    assert.equal(1, #rows)
    local row = rows[1]
    assert.same(
      { 10, "web", "active", { 10 }, "sample" },
      { row.pid, row.name, row.state, row.pids, row.event }
    )
    assert.near(2, row.seconds, 0.01)
    assert.near(3000, row.rate.wchar * row.seconds, 1e-6)
    assert.same({ 3000, "integer" }, { row.total.wchar, math.type(row.total.wchar) })
    assert.equal(0, row.rate.rchar)
  end)

  it("show new targets, and one that has ended a last time, without rates", function()
    start { name = "web" }
    it_session:advance("2s")
    it_session.proc:add(11, { name = "web" })
    it_session:advance("4s")
    assert.equal(11, rows[#rows].pid)
    it_session.proc:move(11, { rchar = 7 })
    it_session:advance("2s")
    local count = #rows
    it_session.proc:finish(11)
    it_session:advance("2s")
    local last = rows[count + 1]
    assert.same({ 11, "exited", "exit", {} }, { last.pid, last.state, last.event, last.rate })
    assert.equal(7, last.total.rchar)
    it_session:advance("2s")
    for index = count + 2, #rows do
      assert.equal(10, rows[index].pid)
    end
  end)

  it("know neither a rate nor quiet of what cannot be read", function()
    it_session.proc:deny(10)
    start { name = "web" }
    it_session:advance("2s")
    assert.same(
      { "unknown", nil, nil },
      { rows[1].state, rows[1].rate.rchar, rows[1].idle_for }
    )
    assert.is_nil(rows[1].total.rchar)
    assert.is_number(rows[1].rate.cpu)
    it_session.proc:allow(10)
    it_session:advance("2s")
    assert.is_nil(rows[2].rate.rchar) -- it was not known before
    it_session:advance("2s")
    assert.equal(0, rows[3].rate.rchar)
  end)

  it("tell no total of what cannot be read any more", function()
    start { name = "web" }
    it_session.proc:move(10, { wchar = 3000 })
    it_session:advance("2s")
    it_session.proc:deny(10)
    it_session:advance("2s")
    assert.same({ 3000, nil }, { rows[1].total.wchar, rows[2].total.wchar })
  end)

  it("show a process once that two selectors match", function()
    start({ name = "web" }, { pid = 10 })
    it_session:advance("4s")
    assert.equal(2, #rows)
  end)

  it("count rounds, also those without a target", function()
    start { name = "web" }
    it_session:advance("6s")
    assert.equal(3, rounds)
    it_session.proc:finish(10)
    it_session:advance("20s")
    assert.is_true(rounds >= 11 and rounds <= 13, rounds)
  end)

  -- The machine is busy: the next look comes so late.
  local function stall(seconds)
    local own = it_session.session
    assert(own.monitor:tick(own:now() + math.tointeger(seconds * 1e9)))
    for event in function() return own.monitor:next() end do
      own:deliver(event)
    end
  end

  it("end a round before the next begins, however late that is told", function()
    start { name = "web" }
    it_session:advance("1s")
    local own = it_session.session
    local virtual_now = own.now
    function own.now() return virtual_now(own) + 3000000000 end -- the alarm comes after the look
    stall(1)
    own.now = nil
    assert.same({ 0, 1 }, { rounds, #rows })
    stall(3)
    assert.same({ 2, 2, 1 }, { rounds, #rows, rows[2].rounds })
  end)

  it("count one round for a late one", function()
    start { name = "web" }
    it_session:advance("2s")
    stall(7)
    it_session:advance("1ms")
    assert.same({ 2, 2 }, { rounds, #rows })
    assert.near(7, rows[2].seconds, 0.01)
  end)

  it("call idle what was quiet for so long", function()
    start { name = "web" }
    it_session:advance("4s")
    assert.same({ "quiet", "idle" }, { rows[1].state, rows[2].state })
    assert.near(4, rows[2].idle_for, 0.01)
  end)
end)

describe("the lines of stat", function()
  local row
  before_each(
    function()
      row = {
        event = "sample",
        time = 1700000000.25,
        pid = 812,
        name = 'a "b", c',
        pids = { 812, 813 },
        state = "active",
        idle_for = 0.5,
        seconds = 2.0,
        rate = { rchar = 1500.5, syscr = 2.0, cpu = 0.25 },
        total = { rchar = 9007199254740993, syscr = 4, cpu = 0.5 },
        blind = true,
      }
    end
  )

  it("are CSV with a header, exact integers and empty fields for what is not known", function()
    local line = lines.csv()
    local head, fields = line(row):match "^(.-)\r\n(.-)\r\n$"
    assert.equal(
      "time,event,pid,name,processes,state,idle_for,seconds,rate_rchar,rate_wchar,"
        .. "rate_syscr,rate_syscw,rate_read_bytes,rate_write_bytes,rate_cancelled_write_bytes,"
        .. "rate_net_rx,rate_net_tx,rate_cpu,total_rchar,total_wchar,total_syscr,total_syscw,"
        .. "total_read_bytes,total_write_bytes,total_cancelled_write_bytes,total_net_rx,"
        .. "total_net_tx,total_cpu",
      head
    )
    assert.equal(
      '2023-11-14T22:13:20.250Z,sample,812,"a ""b"", c",2,active,0.500000,2.000000,'
        .. "1500.500000,,2.000000,,,,,,,0.250000,9007199254740993,,4,,,,,,,0.500000",
      fields
    )
    assert.is_nil(line(row):find("time", 1, true))
  end)

  it("are JSON with exact integers, without what is not known", function()
    local text = lines.json()(row)
    assert.equal(1, select(2, text:gsub("\n", "")))
    assert.is_truthy(text:find("9007199254740993", 1, true))
    local object = assert(json.decode(text))
    assert.same({
      time = "2023-11-14T22:13:20.250Z",
      event = "sample",
      state = "active",
      target = { pid = 812, name = 'a "b", c', pids = { 812, 813 } },
      idle_for = 0.5,
      seconds = 2,
      rate = row.rate,
      total = row.total,
    }, object)
  end)

  it("stay lines, whatever a name holds", function()
    row.name = "a\nb\27[2J\xff"
    for _, make in ipairs {
      lines.csv,
      lines.json,
      function()
        return lines.people { size = function() end }
      end,
    } do
      local line = make()
      line(row)
      assert.is_nil(line(row):gsub("\r?\n$", ""):find "%c")
    end
  end)

  it("have one header in a pipe", function()
    local line = lines.people { size = function() end }
    local text = ""
    for _ = 1, 100 do
      text = text .. line(row)
    end
    assert.equal(1, select(2, text:gsub("read/s", "")))
    assert.equal(101, select(2, text:gsub("\n", "")))
    assert.matches('812 active +1.5kB +%? .* 25.0  500ms a "b", c\n', text)
  end)

  it("have a header for every screenful of a terminal, and for every new width", function()
    local width, height = 80, 10
    local line = lines.people { size = function() return width, height end, colour = true }
    local heads = {}
    for count = 1, 30 do
      if count == 20 then width = 60 end
      local text = line(row)
      for shown in text:gsub("\27%[%d+m", ""):gmatch "[^\n]+" do
        assert.is_true(utf8.len(shown) <= width, shown)
      end
      if text:find("read/s", 1, true) then heads[#heads + 1] = count end
    end
    assert.same({ 1, 9, 17, 20, 28 }, heads)
    assert.is_truthy(line(row):find("\27[32mactive \27[0m", 1, true))
  end)
end)
