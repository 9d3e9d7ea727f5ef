-- SPDX-License-Identifier: MIT
-- What the TARGETs of a command line mean, on a fake /proc.
local samples = require "watchio.jobs.samples"
local sessions = require "spec.support.sessions"
local target_words = require "watchio.cli.target_words"
local targets = require "watchio.cli.targets"

describe("a TARGET", function()
  local cases = {
    ["812"] = { pid = 812 },
    ["nginx"] = { name = "nginx" },
    ["user=alice"] = { user = "alice" },
    ["nginx,user=alice"] = { name = "nginx", user = "alice" },
    ["nginx,user=alice,port=80"] = { name = "nginx", user = "alice", port = 80 },
    ["812,cmd=x"] = { pid = 812, cmd = "x" },
    ["cmd=x{1,3}"] = { cmd = "x{1,3}" },
    ["cmd=x{1,3},user=bob"] = { cmd = "x{1,3}", user = "bob" },
    ["cmd=-o rw,foo=1"] = { cmd = "-o rw,foo=1" },
    ["cmd=-o rw[,]user=1"] = { cmd = "-o rw[,]user=1" },
    ["user=bob,cmd=a,b,unit=c"] = { user = "bob", cmd = "a,b", unit = "c" },
    ["nginx,postgres"] = { name = "nginx,postgres" },
    ["name=a=b"] = { name = "a=b" },
  }
  for word, selector in pairs(cases) do
    it(
      "is, all at once, what " .. word .. " says",
      function() assert.same(selector, target_words.selector(word)) end
    )
  end

  local wrong = {
    ["nginx,prot=80"] = "unknown key 'prot' (did you mean 'port'?); a comma of the value itself is",
    ["nginx,size=80"] = "unknown key 'size' (want pid, name, cmd, exe,",
    ["cmd=x,usr=bob"] = "unknown key 'usr' (did you mean 'user'?); a comma of the value itself is",
    ["nginx,name=x"] = "name: given twice in one TARGET (want one TARGET for each)",
    ["port=80,port=443"] = "port: given twice in one TARGET",
    ["nginx,where=x"] = "where: only a policy can have it",
  }
  for word, message in pairs(wrong) do
    it("is refused as " .. word, function()
      local selector, got = target_words.selector(word)
      assert.is_nil(selector)
      assert.equal(message, got:sub(1, #message))
    end)
  end
end)

describe("several TARGETs", function()
  local it_session = sessions.fixture()
  local function populate()
    local proc = it_session.proc
    proc:add(10, { name = "sh" })
    proc:add(11, { name = "web", ppid = 10, uid = 1000 })
    proc:add(12, { name = "web", uid = 1000 })
    proc:add(13, { name = "db", uid = 1000 })
  end
  before_each(populate)

  local function find(words, per)
    return targets.find(it_session.session, words, per or "process")
  end

  local function pids_of(found)
    local pids = {}
    for _, process in ipairs(it_session.session.monitor:find(found.native)) do
      pids[#pids + 1] = process.pid
    end
    return pids
  end

  it("are any of them, each in full", function()
    assert.same({ 11, 12 }, pids_of(find { "web" }))
    assert.same({ 11, 12, 13 }, pids_of(find { "web", "user=1000" }))
    assert.same({ 13 }, pids_of(find { "db,user=1000" }))
    assert.same({ 10, 13 }, pids_of(find { "db,user=1000", "10" }))
    assert.same({ 10, 11 }, pids_of(find { "10", "11" }))
    assert.same({ 12, 13 }, pids_of(find { "12,user=1000", "db" }))
  end)

  it("are merged where they differ in one key", function()
    local list = targets.selectors { "web,user=1000", "db,user=1000", "sh" }
    assert.same(
      { { name = { "web", "db" }, user = 1000 }, { name = "sh" } },
      target_words.merge(list)
    )
    list = targets.selectors { "web,user=1000", "db,user=0", "web,user=1000" }
    assert.equal(2, #target_words.merge(list))
  end)

  it("count a process once that several name, and tell so", function()
    local found = find { "web", "user=1000" }
    assert.same({ 2, 3 }, found.seen.counts)
    assert.same({ "2 processes belong to more than one TARGET: each counts once" }, found.notes)
    assert.same({}, find({ "web", "sh" }, "process").notes)
    assert.same(
      { "1 process belongs to more than one TARGET: each counts once" },
      find({ "web", "sh" }, "tree").notes
    )
  end)

  it("are sampled once where they overlap, whatever is one target", function()
    for per, expected in pairs { tree = "10 12 13", process = "10 11 12 13", all = "10" } do
      local rows, found = {}, find({ "user=1000", "sh", "web", "12" }, per)
      samples.start(it_session.session, found.native, {
        per = per,
        every_ns = 1000000000,
        idle_ns = 60000000000,
        clock = function() return 0, 0 end,
      }, function(row) rows[#rows + 1] = row.pid end, function() end)
      it_session:advance("1500ms")
      table.sort(rows)
      assert.equal(expected, table.concat(rows, " "))
      it_session:reopen()
      populate()
    end
  end)

  it("never mean a later process that has a pid again", function()
    local found = find { "10", "db" }
    it_session.proc:finish(10)
    it_session.proc:add(10, { name = "other", start = 999999 })
    assert.same({ 13 }, pids_of(found))
  end)

  it("tell what nothing matches yet, and which name was meant", function()
    assert.same(
      { "waiting: nothing matches wbe yet (did you mean 'web'?)", "no process 99" },
      find({ "wbe", "99", "db" }).notes
    )
    local found, status, message = find { "wbe" }
    assert.same(
      { nil, 3, "no process matches wbe (did you mean 'web'?)" },
      { found, status, message }
    )
    it_session.proc:add(
      20,
      { name = "python3", cmd = { "python3", "-m", "ipykernel_launcher" } }
    )
    assert.equal(
      "no process matches ipykernel (cmd=ipykernel names 1 process)",
      select(3, find { "ipykernel" })
    )
    assert.equal("no process matches ipykernel,user=0", select(3, find { "ipykernel,user=0" }))
    assert.equal("no process matches web,user=0", select(3, find { "web,user=0" }))
    assert.equal("no process matches w[bx]e", select(3, find { "w[bx]e" }))
    assert.matches("^no process matches web,db %(after a comma", select(3, find { "web,db" }))
  end)
end)
