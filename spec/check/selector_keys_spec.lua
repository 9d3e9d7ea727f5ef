-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"
local uv = require "luv"

-- The keys of a selector that look at more than the command, on a fake /proc.
describe("the key", function()
  local it_session = sessions.fixture()
  local folder
  before_each(function() folder = assert(uv.fs_mkdtemp("/tmp/watchio-keys-XXXXXX")) end)
  after_each(function() assert(os.execute("rm -r " .. folder)) end)

  local function proc() return it_session.proc end
  local function find(selector) return it_session.verbs.find(selector) end
  local function watch(options) return it_session.verbs.watch(options) end

  -- Adds processes 10, 11 … with the given fields.
  local function add_all(list)
    for index, fields in ipairs(list) do
      proc():add(9 + index, fields)
    end
  end

  it("exe takes a glob on the executable's path, also of one that was replaced", function()
    add_all {
      { exe = "/usr/sbin/nginx" },
      { exe = "/opt/nginx (deleted)" },
      { exe = "/bin/sh" },
      {},
    }
    assert.same({ 10, 11 }, find { exe = "*/nginx" })
    assert.same({ 11 }, find { exe = "/opt/*" })
    assert.same({ 10, 12 }, find { exe = { "/bin/*", "/usr/*" } })
  end)

  local V2 = "0::/system.slice/nginx.service\n"
  local V1 = "9:memory:/docker/a\n1:name=systemd:/system.slice/nginx.service\n"
  local HYBRID = "9:cpu:/\n1:name=systemd:/user.slice/session-2.scope\n"
    .. "0::/user.slice/session-2.scope\n"
  local USERS = "0::/user.slice/user@1000.service/app.slice/foo@a\\x2db.service\n"

  it("unit knows version 1, version 2 and both at once", function()
    add_all { { cgroup = V2 }, { cgroup = V1 }, { cgroup = HYBRID }, { cgroup = USERS }, {} }
    for unit, pids in pairs {
      ["nginx"] = { 10, 11 },
      ["nginx.service"] = { 10, 11 },
      ["ngin"] = {},
      ["n*"] = { 10, 11 },
      ["session-2.scope"] = { 12 },
      ["user.slice"] = { 12, 13 },
      ["user@1000"] = { 13 },
      ["foo@a\\x2db"] = { 13 },
      ["foo@"] = { 13 },
      ["foo@*.service"] = { 13 },
      ["docker"] = {},
    } do
      assert.same(pids, find { unit = unit }, unit)
    end
  end)

  it("cgroup takes a path with all below it, also as a directory", function()
    add_all { { cgroup = V2 }, { cgroup = V1 }, { cgroup = HYBRID }, { cgroup = USERS }, {} }
    for path, pids in pairs {
      ["/system.slice"] = { 10, 11 },
      ["/sys/fs/cgroup/system.slice/"] = { 10 },
      ["/sys/fs/cgroup/memory/docker"] = { 11 },
      ["/docker/a"] = { 11 },
      ["/sys/fs/cgroup/unified/user.slice"] = { 12, 13 },
      ["/"] = { 10, 11, 12, 13 },
      ["/system"] = {},
    } do
      assert.same(pids, find { cgroup = path }, path)
    end
  end)

  it("port takes who listens, and finds who begins to within a second", function()
    add_all { { port = 80 }, {}, {} }
    assert.same({ 10 }, find { port = 80 })
    watch { port = { 80, 8080 }, every = "100ms" }
    it_session:advance("2s")
    proc():listen(12, 8080)
    it_session:advance("1s")
    assert.equal("start start", it_session:told())
    assert.equal(12, it_session.records[2].target.pid)
  end)

  local START = 1700000001 -- a process with start = 100, a second after the boot

  local function write_pidfile(text, written, mode)
    local path = folder .. "/x.pid"
    local file <close> = assert(io.open(path, "w"))
    assert(file:write(text))
    file:close()
    assert(uv.fs_utime(path, written or START, written or START))
    assert(uv.fs_chmod(path, mode or 420))
    return path
  end

  it("pidfile waits for the file, and follows it", function()
    add_all { {}, {} }
    local path = folder .. "/x.pid"
    watch { pidfile = path }
    it_session:advance("5s")
    assert.equal("missing", it_session:told())
    assert.equal(("nothing matches pidfile %s yet"):format(path), it_session.records[1].reason)
    write_pidfile("\n")
    it_session:advance("5s")
    write_pidfile("10\n")
    it_session:advance("5s")
    write_pidfile("11\n", START + 5)
    it_session:advance("5s")
    assert.equal("missing start leave start", it_session:told())
    assert.equal(11, it_session.records[4].target.pid)
  end)

  local lies = {
    { "", "there is no pid in it" },
    { "nginx", "there is no pid in it" },
    { "12", "it names process 12, but there is none" },
    { "10", "it names process 10, but it started after the file was written", START - 60 },
  }
  for _, case in ipairs(lies) do
    it("pidfile names nobody where " .. case[2], function()
      add_all { {} }
      local path = write_pidfile(case[1], case[3])
      watch { pidfile = path }
      it_session:advance("5s")
      assert.equal("missing", it_session:told())
      assert.equal(
        ("nothing matches pidfile %s yet: %s: %s"):format(path, path, case[2]),
        it_session.records[1].reason
      )
      assert.same({}, find { pidfile = path })
    end)
  end

  it("pidfile names nobody once anybody may write the file", function()
    add_all { {} }
    local path = write_pidfile("10")
    assert.same({ 10 }, find { pidfile = path })
    write_pidfile("10", nil, 438)
    assert.has_error(
      function() find { pidfile = path } end,
      ("find: pidfile: anybody may write %s, so it can name anybody (want chmod o-w)"):format(
        path
      )
    )
    write_pidfile("10")
    watch { pidfile = path, every = "1s" }
    write_pidfile("10", nil, 438)
    it_session:advance("5s")
    assert.matches("anybody may write it$", it_session:record("missing").reason)
  end)

  it("pidfile of another user names that user's processes only", function()
    if uv.getuid() ~= 0 then return pending("needs root, to give a file away") end
    add_all { { uid = 33 }, { uid = 0 } }
    for pid, found in pairs { [10] = { 10 }, [11] = {} } do
      local path = write_pidfile(tostring(pid))
      assert(uv.fs_chown(path, 33, 33))
      assert.same(found, find { pidfile = path })
    end
  end)

  it("except leaves out a name, a pid, a table of keys, or any of a list", function()
    add_all {
      { name = "a" },
      { name = "a", uid = 33 },
      { name = "ab", uid = 33 },
      { name = "b" },
    }
    for _, case in ipairs {
      { "ab", { 10, 11 } },
      { 10, { 11, 12 } },
      { { 10, "ab" }, { 11 } },
      { { name = "a", user = 33 }, { 10, 12 } },
      { { "a", user = 0 }, { 11, 12 } },
      { { { user = 0 }, { name = "ab" } }, { 11 } },
      { { "a", { user = 33 } }, {} },
      { { name = { "a", "x" } }, { 12 } },
    } do
      assert.same(case[2], find { "a*", except = case[1] })
    end
  end)

  it("except is not asked of what a target takes along", function()
    proc():add(10, { name = "sh" })
    proc():add(11, { name = "vim", ppid = 10 })
    proc():add(12, { name = "vim" })
    local handle = watch { { "sh", "vim" }, except = { pid = 12 } }
    it_session:advance("1s")
    assert.equal(1, #handle:targets())
    assert.same({ 10, 11 }, handle:targets()[1].pids)
  end)
end)

describe("where", function()
  local it_session = sessions.fixture()

  local function proc() return it_session.proc end
  local function watch(options) return it_session.verbs.watch(options) end

  it("sees what is known of a process", function()
    proc():add(10, {
      name = "python3",
      cmd = { "python3", "-m", "http.server" },
      ppid = 5,
      exe = "/usr/bin/python3",
      cgroup = "0::/system.slice/web.service\n",
      uid = 0,
    })
    local seen
    assert.same(
      { 10 },
      it_session.verbs.find {
        where = function(process)
          seen = process
          return true
        end,
      }
    )
    local expected = {
      pid = 10,
      ppid = 5,
      name = "python3",
      cmd = "python3 -m http.server",
      uid = 0,
      user = "root",
      exe = "/usr/bin/python3",
      unit = "web.service",
      cgroup = "/system.slice/web.service",
      kernel_thread = false,
    }
    for field, value in pairs(expected) do
      assert.equal(value, seen[field], field)
    end
    assert.same({ "http.server" }, seen.other_names)
    assert.equal("number", type(seen.started))
  end)

  it("is asked last, of those that match all else, and decides who joins", function()
    proc():add(10, { name = "web" })
    proc():add(11, { name = "web", uid = 33 })
    proc():add(12, { name = "db" })
    local asked = {}
    watch {
      "web",
      where = function(process)
        asked[#asked + 1] = process.pid
        return process.uid == 33
      end,
    }
    it_session:advance("10s")
    table.sort(asked)
    assert.equal(10, asked[1])
    assert.equal(11, asked[#asked])
    assert.equal("start", it_session:told())
    assert.equal(11, it_session.records[1].target.pid)
    proc():add(13, { name = "web", uid = 33 })
    it_session:advance("1s")
    assert.equal("start start", it_session:told())
    for _, pid in ipairs(asked) do
      assert.not_equal(12, pid)
    end
  end)

  it("takes a tree by its topmost match", function()
    proc():add(10, { name = "sh" })
    proc():add(11, { name = "sh", ppid = 10 })
    proc():add(12, { name = "other", ppid = 11 })
    local handle = watch { "sh", where = function() return true end }
    it_session:advance("1s")
    assert.equal("start", it_session:told())
    assert.same({ 10, 11, 12 }, handle:targets()[1].pids)
  end)

  it("does not match where it raises, and is told once a message", function()
    for pid = 10, 13 do
      proc():add(pid, { name = "web" })
    end
    watch {
      "web",
      label = "pages",
      where = function(process)
        if process.pid == 13 then return true end
        return process.nmae == "x"
      end,
    }
    it_session:advance("5m")
    assert.equal("error start", it_session:told { "error", "start" })
    assert.equal("pages", it_session.records[1].watch)
    local told =
      "^where: .*keys_spec.lua:%d+: a process has no 'nmae' %(did you mean 'name'%?%)$"
    assert.matches(told, it_session.records[1].reason)
  end)

  it("may stop its own watch", function()
    proc():add(10, { name = "web" })
    proc():add(11, { name = "web" })
    local handle
    handle = watch {
      "web",
      where = function()
        handle:stop()
        return true
      end,
    }
    it_session:advance("5s")
    assert.equal("", it_session:told())
  end)

  it("says of a pid that it is missing where it does not hold", function()
    proc():add(10)
    watch { 10, where = function() return false end }
    it_session:advance("1s")
    assert.equal("missing", it_session:told())
    assert.equal(
      "process 10 does not match the rest of the watch",
      it_session.records[1].reason
    )
    assert.equal(0, #it_session.session.edition.watches)
  end)

  it("is asked once more before a kill", function()
    proc():add(10, { name = "web" })
    local holds, kill = true, it_session.verbs.kill()
    watch { "web", idle = "5s", where = function() return holds end, on_idle = kill }
    it_session:advance("2s")
    holds = false
    it_session:advance("10s")
    assert.equal("start idle spared", it_session:told())
  end)
end)

describe('per = "unit"', function()
  local it_session = sessions.fixture()

  it("judges all matches of one unit together, and each alone that is in none", function()
    local function add(pid, cgroup) it_session.proc:add(pid, { name = "w", cgroup = cgroup }) end
    add(10, "0::/system.slice/a.service\n")
    add(11, "0::/system.slice/b.service\n")
    add(12, "0::/system.slice/a.service/below\n")
    add(13, "0::/user.slice\n")
    add(14, "0::/user.slice\n")
    local handle = it_session.verbs.watch { "w", per = "unit" }
    it_session:advance("1s")
    local groups = {}
    for index, target in ipairs(handle:targets()) do
      local pids = target.pids
      table.sort(pids)
      groups[index] = ("%s: %s"):format(target.unit, table.concat(pids, " "))
    end
    table.sort(groups)
    assert.same({ "a.service: 10 12", "b.service: 11", "nil: 13", "nil: 14" }, groups)
  end)
end)
