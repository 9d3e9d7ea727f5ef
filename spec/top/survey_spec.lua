-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"
local survey = require "watchio.top.survey"

describe("what top sees", function()
  local it_has = sessions.fixture()
  local seen

  local function begin(selectors, options)
    options = options or {}
    it_has.survey = assert(survey.new(it_has.session, selectors, {
      per = options.per or "process",
      every_ns = 1000000000,
      ascii = true,
    }))
    it_has:advance(0)
  end

  local function look(sort, is_tree)
    seen = it_has.survey:look(sort or "activity", is_tree or false)
    return seen
  end

  local function index_of(pid)
    for index = 1, seen.count do
      if seen.pid[index] == pid then return index end
    end
  end

  local function row(pid) return it_has.survey:row(seen, index_of(pid)) end

  local function add_three()
    it_has.proc:add(11, { name = "one" })
    it_has.proc:add(12, { name = "two", ppid = 11 })
    it_has.proc:add(13, { name = "three", ppid = 12, uid = 4242 })
  end

  it("is every process, in columns, with rates from the second sample on", function()
    add_three()
    begin()
    look()
    assert.same(
      { 3, { 11, 12, 13 }, { "one", "two", "three" }, { 1, 11, 12 } },
      { seen.count, seen.pid, seen.name, seen.ppid }
    )
    assert.same({ false, false, false }, seen.busy)
    assert.same({}, row(11).rate)
    it_has.proc:move(12, { rchar = 200000, syscr = 4 })
    it_has:advance("1s")
    look("calls")
    assert.same({ 0.0, 2.0, 0.0 }, seen.busy)
    assert.same({ 0.0, 4.0, 0.0 }, seen.value)
    assert.same(
      { 200000.0, "active", "two" },
      { row(12).rate.rchar, row(12).state, row(12).cmd }
    )
    assert.same({ 1, 0 }, { survey.count(seen) })
    assert.matches("%+$", row(12).minute)
    assert.matches("^ +$", row(11).minute)
  end)

  it("has no kernel threads", function()
    add_three()
    it_has.proc:add(2, { name = "kthreadd", cmd = {} })
    begin()
    assert.equal(3, look().count)
  end)

  it("takes the loudest kind for activity, each in its unit", function()
    add_three()
    begin()
    it_has:advance("1s")
    for moved, busy in pairs {
      [{ wchar = 500000 }] = 5,
      [{ write_bytes = 100000, wchar = 1 }] = 1,
      [{ syscw = 300 }] = 3,
    } do
      it_has.proc:move(11, moved)
      it_has:advance("1s")
      assert.equal(busy, look().busy[1])
    end
    it_has.proc:run(11, 50)
    it_has:advance("1s")
    assert.equal(50, look().busy[1])
  end)

  it("never shows what cannot be read as zero", function()
    add_three()
    begin()
    it_has:advance("1s")
    it_has.proc:deny(12)
    it_has:advance("2s")
    look("read")
    assert.same({ 0.0, false, 0.0 }, seen.value)
    assert.same({ 0, 1 }, { survey.count(seen) })
    local unknown = row(12)
    assert.same(
      { "unknown", nil, nil },
      { unknown.state, unknown.idle_for, unknown.rate.rchar }
    )
    assert.is_false(look("idle").value[2])
    it_has.proc:run(12, 5)
    it_has:advance("1s")
    look("read")
    assert.same({ 5.0, false, 1, 1 }, { seen.busy[2], seen.value[2], survey.count(seen) })
    assert.equal("active", row(12).state)
  end)

  it("calls idle what was quiet for a minute", function()
    add_three()
    begin()
    it_has:advance("59s")
    look()
    assert.equal("quiet", row(11).state)
    it_has:advance("1s")
    look()
    assert.same({ "idle", 60.0 }, { row(11).state, row(11).idle_for })
  end)

  it("forgets who has ended, and uses its tables again", function()
    add_three()
    begin()
    it_has.proc:move(12, { rchar = 1000000 })
    it_has:advance("1s")
    local before = look("read")
    assert.is_not_nil(row(12).minute:find("%S"))
    local target = it_has.survey:target(seen.target[2])
    assert.equal("two", target.name)
    it_has.proc:finish(12)
    it_has:advance("1s")
    local after = look("read")
    assert.equal(before, after)
    assert.same({ 2, { 11, 13 }, 2, 2 }, { after.count, after.pid, #after.busy, #after.rchar })
    assert.equal("exited", target.state)
    assert.is_nil(it_has.survey:target(target.id))
  end)

  it("has targets that tell their rate at any time, also before the second sample", function()
    add_three()
    begin()
    local target = it_has.survey:target(look().target[1])
    it_has:advance("500ms")
    assert.equal(0.0, target.rate.rchar)
    assert.equal(0.0, target.rate.rchar)
    it_has.proc:move(11, { rchar = 100 })
    it_has:advance("500ms")
    assert.equal(100.0, target.rate.rchar)
  end)

  it("shows a process that two selectors name once", function()
    add_three()
    begin { { names = { "t*" } }, { pids = { 12, 11 } } }
    it_has:advance("1s")
    assert.same({ 12, 13, 11 }, look().pid)
    assert.equal("one", row(11).name)
  end)

  it("has each process of its targets as a row of the tree", function()
    add_three()
    it_has.proc:add(20, { name = "other" })
    begin({ { names = { "one" } } }, { per = "tree" })
    assert.same({ 11 }, look().pid)
    look("activity", true)
    it_has:advance("1s")
    assert.same({ 11, 12, 13 }, look("activity", true).pid)
    assert.equal("three", row(13).name)
    assert.same({ 11 }, look("activity", false).pid)
  end)

  it("sorts by what is read of each, and finds it by that", function()
    add_three()
    begin()
    look("user")
    assert.same({ "root", "root", "4242" }, seen.value)
    assert.equal("13 three 4242 three", seen.text(3))
    it_has.proc:exec(13, "four")
    it_has:advance("2s")
    look("name")
    assert.same({ { "one", "two", "four" }, "13 four 4242 four" }, { seen.value, seen.text(3) })
  end)

  it("goes on at another interval, and nobody's quiet begins anew", function()
    add_three()
    begin()
    it_has:advance("5s")
    it_has.survey:retime(100000000)
    it_has:advance("200ms")
    it_has.proc:move(11, { rchar = 10000 })
    it_has:advance("100ms")
    look("read")
    assert.equal(100000.0, seen.value[1])
    assert.same({ 0, 5300000000 }, { seen.idle_for_ns[1], seen.idle_for_ns[2] })
    it_has.survey:retime(2000000000)
    it_has.proc:move(11, { rchar = 10000 })
    it_has:advance("1900ms")
    assert.equal(100000.0, look("read").value[1]) -- not yet
    it_has:advance("100ms")
    assert.equal(5000.0, look("read").value[1])
  end)
end)

describe("the survey of a monitor", function()
  local native = require "watchio.native"

  it("is of nobody when the watch is gone, and refuses what is no measure", function()
    local monitor <close> = assert(native.monitor())
    assert.same({ count = 0 }, monitor:survey(77, { "rchar" }, {}))
    assert.same({ count = 0 }, monitor:survey(77, {}, {}, { count = 3 }))
    local function misspelt() monitor:survey(77, { "rchars" }, {}) end
    assert.has_error(misspelt, "unknown measure 'rchars'")
    assert.has_error(function() monitor:survey(77, nil, {}) end)
    assert.has_error(function() monitor:survey(77, {}, {}, 5) end)
  end)
end)
