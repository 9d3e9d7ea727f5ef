-- SPDX-License-Identifier: MIT
-- What a kill and its siblings keep to: who is spared, refused and protected, and how many.
local uv = require "luv"
local cure = require "watchio.base.cure"
local protect = require "watchio.verbs.protect"
local rails = require "watchio.verbs.rails"
local sessions = require "spec.support.sessions"
local stop = require "watchio.verbs.stop"

local TERM, KILL, CONT = uv.constants.SIGTERM, uv.constants.SIGKILL, uv.constants.SIGCONT
local STOP = uv.constants.SIGSTOP

local helps = cure.helps

describe("a rail", function()
  local it_session = sessions.fixture()
  local verbs, proc

  local function begin(options)
    it_session:reopen(options)
    verbs, proc = it_session.verbs, it_session.proc
  end
  before_each(function() begin() end)

  local function signalled(number)
    local pids = {}
    for _, sent in ipairs(it_session.signals) do
      if sent.number == number then pids[#pids + 1] = sent.pid end
    end
    return pids
  end

  local function ends_at(number)
    it_session.on_signal = function(pid, sent)
      if sent == number then proc:finish(pid) end
      return true
    end
  end

  local function kill_at_start(options)
    verbs.watch { "job", every = "1s", on_start = verbs.kill(options) }
  end

  describe("of names", function()
    before_each(function()
      proc:add(10, { name = "job" })
      proc:add(11, { name = "sshd", ppid = 10 })
    end)

    it("spares a target that holds one, and names it", function()
      kill_at_start()
      it_session:advance("1s")
      assert.equal("start refused", it_session:told())
      assert.equal(
        "sshd[11] of root is protected by its name",
        it_session:record("refused").reason
      )
      assert.equal("TERM", it_session:record("refused").signal)
      assert.same({}, it_session.signals)
    end)

    -- What the process 11 in the tree is, and why it protects the tree; nil: it does not.
    local USER <const> = 54321
    local bearers = {
      ["a user's process with a name of the system's"] = {
        { name = "init", uid = USER, exe = "/srv/job" },
      },
      ["a user's program with such a name"] = {
        { name = "dockerd", uid = USER, exe = "/home/x/job" },
      },
      ["a user's process with a name of a session's"] = {
        { name = "systemd", uid = USER, exe = "/home/x/job" },
      },
      ["a program of the system's"] = {
        { name = "dbus-daemon", uid = USER, exe = "/usr/bin/dbus-daemon" },
        "dbus-daemon[11] of user 54321 is protected by its executable",
      },
      ["one whose program goes by another of the names"] = {
        { name = "(sd-pam)", uid = USER, exe = "/lib/systemd/systemd" },
        "(sd-pam)[11] of user 54321 is protected by its executable",
      },
      ["root's process"] = {
        { name = "init", uid = 0, exe = "/srv/job" },
        "init[11] of root is protected by its name",
      },
    }
    for what, case in pairs(bearers) do
      local process, reason = table.unpack(case)
      it((reason and "counts for %s" or "does not count for %s"):format(what), function()
        proc:finish(11)
        process.ppid = 10
        proc:add(11, process)
        kill_at_start()
        it_session:advance("1s")
        local refused = it_session:record("refused")
        assert.equal(reason, refused and refused.reason)
        assert.equal(reason == nil, #signalled(TERM) == 2)
      end)
    end

    it("of the policy count for whoever bears them", function()
      proc:finish(11)
      proc:add(11, { name = "mine", uid = USER, ppid = 10, exe = "/home/x/job" })
      verbs.protect "mine"
      kill_at_start()
      it_session:advance("1s")
      assert.equal(
        "mine[11] of user 54321 is protected by the policy",
        it_session:record("refused").reason
      )
    end)

    it("holds for what the policy protects, for every watch and also later ones", function()
      proc:exec(11, "postgres")
      verbs.protect { "postgres", "my*" }
      verbs.protect "other"
      for _, action in ipairs { verbs.kill(), verbs.signal "HUP", verbs.stop() } do
        verbs.watch { "job", on_start = action }
      end
      it_session:advance("1s")
      local told = it_session:told { "refused", "kill", "signal", "stop" }
      assert.equal("refused refused refused", told)
      assert.equal(
        "postgres[11] of root is protected by the policy",
        it_session:record("refused").reason
      )
    end)

    it("is asked of the name at the moment of the signal", function()
      proc:exec(11, "helper")
      ends_at(KILL)
      verbs.watch { "job", on_start = verbs.kill { grace = "5s" } }
      it_session:advance("1s")
      assert.same({ 10, 11 }, signalled(TERM))
      proc:exec(11, "dockerd")
      it_session:advance("10s")
      assert.equal("start kill refused", it_session:told())
      assert.same({}, signalled(KILL))
    end)

    it("holds for children that the watch has not seen yet", function()
      proc:finish(11)
      verbs.watch {
        "job",
        every = "1h",
        on_start = function(target)
          verbs.after("10s", function() target:signal("HUP") end)
        end,
      }
      it_session:advance("1s")
      proc:add(12, { name = "systemd-networkd", ppid = 10 })
      it_session:advance("10s")
      assert.equal(
        "systemd-networkd[12] of root is protected by its name",
        it_session:record("refused").reason
      )
    end)

    it("does not hold for priorities", function()
      verbs.watch { "job", on_start = verbs.nice(10) }
      it_session:advance("1s")
      assert.equal("start nice", it_session:told())
    end)

    it("protects always what a machine cannot do without", function()
      local names = {
        "init",
        "systemd",
        "systemd-journald",
        "dbus-daemon",
        "sshd-session",
        "agetty",
        "gdm3",
        "Xorg",
        "containerd-shim",
        "dockerd",
        "NetworkManager",
      }
      for index, name in ipairs(names) do
        proc:add(100 + index, { name = name })
        verbs.watch { 100 + index, on_start = verbs.kill() }
      end
      it_session:advance("1s")
      for index, record in ipairs(it_session.records) do
        if record.event ~= "start" then assert.equal("refused", record.event, names[index]) end
      end
      assert.same({}, it_session.signals)
    end)

    it("lists each of them once, and none that means anybody", function()
      local seen = {}
      for _, name in ipairs(protect.always) do
        assert.is_nil(seen[name], name)
        assert.is_true(#name:gsub("%*", "") > 0)
        seen[name] = true
      end
    end)
  end)

  describe("of number", function()
    local function jobs(first, last)
      for pid = first, last do
        proc:add(pid, { name = "job" })
      end
    end

    it("refuses more than ten targets of a watch within a minute", function()
      ends_at(TERM)
      jobs(100, 114)
      kill_at_start()
      it_session:advance("2s")
      assert.equal(10, #signalled(TERM))
      local _, refused = it_session:told { "refused" }:gsub("refused", "")
      assert.equal(5, refused)
      assert.matches(
        "more than 10 targets .* minute %(want kill { most = … }%)",
        it_session:record("refused").reason
      )
    end)

    it("lets more through once the minute is over", function()
      ends_at(TERM)
      jobs(100, 102)
      kill_at_start { most = 2 }
      it_session:advance("50s")
      jobs(103, 103)
      it_session:advance("15s")
      assert.equal(2, #signalled(TERM))
      jobs(104, 105)
      it_session:advance("5s")
      assert.equal(4, #signalled(TERM))
    end)

    it("counts for each watch, and a target once", function()
      ends_at(KILL)
      proc:add(10, { name = "job" })
      proc:add(11, { name = "other" })
      local function again(target)
        target:kill { most = 1, grace = "1s" }
        target:kill { most = 1 }
      end
      verbs.watch { "job", on_start = again }
      verbs.watch { "other", on_start = again }
      it_session:advance("10s")
      assert.equal("", it_session:told { "refused" })
    end)

    it("is not used up by what is refused or spared otherwise", function()
      ends_at(TERM)
      verbs.protect "keeper"
      for pid = 10, 14 do
        proc:add(pid, { name = "job" })
        proc:add(pid + 10, { name = "keeper", ppid = pid })
      end
      kill_at_start { most = 1 }
      it_session:advance("1s")
      proc:add(30, { name = "job" })
      it_session:advance("2s")
      assert.same({ 30 }, signalled(TERM))
    end)

    it("counts in a dry run as well, so that the events are the same", function()
      begin { dry = true }
      jobs(100, 103)
      kill_at_start { most = 2 }
      it_session:advance("2s")
      assert.equal("kill kill refused refused", it_session:told { "kill", "refused" })
      assert.is_true(it_session:record("refused").dry)
      assert.same({}, it_session.signals)
    end)
  end)

  describe("of what has changed", function()
    it("holds for every signal: another program is spared", function()
      proc:add(10, { name = "job" })
      verbs.watch {
        "job",
        every = "1h",
        on_start = function(target)
          verbs.after("10s", function()
            assert.is_nil(target:signal("HUP"))
            target:stop()
            target:nice(5)
          end)
        end,
      }
      it_session:advance("1s")
      proc:exec(10, "other")
      it_session:advance("10s")
      assert.equal("start spared spared spared", it_session:told())
      assert.same({}, it_session.signals)
      assert.same({}, it_session.priorities)
    end)

    it("holds for a target whose watch has stopped", function()
      proc:add(10, { name = "job" })
      local result, lives
      local watch
      watch = verbs.watch {
        "job",
        on_start = function(target)
          watch:stop()
          result, lives = target:kill(), target:alive()
        end,
      }
      it_session:advance("1s")
      assert.is_false(result)
      assert.is_true(lives)
      assert.equal("its watch has stopped", it_session:record("spared").reason)
    end)
  end)
end)

describe("the sequence of a kill", function()
  local it_session = sessions.fixture()
  local verbs, proc
  before_each(function()
    verbs, proc = it_session.verbs, it_session.proc
    proc:add(10, { name = "job" })
  end)

  local function signals_of(pid)
    local numbers = {}
    for _, sent in ipairs(it_session.signals) do
      if sent.pid == pid then numbers[#numbers + 1] = sent.number end
    end
    return numbers
  end

  local function watch(options)
    verbs.watch { "job", every = "1h", on_start = verbs.kill(options) }
  end

  it("continues what is stopped, so that it can act on the signal", function()
    proc:become(10, "T")
    proc:add(11, { name = "child", ppid = 10 })
    it_session.on_signal = function(pid, number)
      if number == CONT then proc:finish(pid) end
      return true
    end
    watch()
    it_session:advance("1s")
    assert.same({ TERM, CONT }, signals_of(10))
    assert.equal("start kill killed exit", it_session:told())
  end)

  it("sends no CONT where nobody is stopped", function()
    it_session.on_signal = function(pid)
      proc:finish(pid)
      return true
    end
    watch()
    it_session:advance("1s")
    assert.same({ TERM }, signals_of(10))
  end)

  it("ends children that are forked meanwhile, before it says killed", function()
    it_session.on_signal = function(pid, number)
      if number == TERM and pid == 10 then proc:add(20, { name = "late", ppid = 10 }) end
      if number == KILL then proc:finish(pid) end
      return true
    end
    watch { grace = "2s" }
    it_session:advance("5s")
    assert.same({ KILL }, signals_of(20))
    assert.equal("start kill kill killed exit", it_session:told())
  end)

  it("ends them also when watchio is told to end meanwhile", function()
    local ended
    it_session.on_signal = function(pid, number)
      if number == KILL then proc:finish(pid) end
      return true
    end
    watch { grace = "5s" }
    it_session:advance("1s")
    it_session.session:finish(function() ended = true end)
    proc:add(20, { name = "late", ppid = 10 })
    proc:add(21, { name = "later", ppid = 20 })
    it_session:advance("6s")
    assert.same({ KILL }, signals_of(20))
    assert.same({ KILL }, signals_of(21))
    assert.is_true(ended)
    assert.equal("start kill kill killed", it_session:told())
  end)

  it("tells who is still there after KILL, once, and when it has gone", function()
    it_session.on_signal = function(pid, number)
      if number == KILL then proc:become(pid, "D") end
      return true
    end
    watch { grace = "1s" }
    it_session:advance("50s")
    assert.equal("start kill kill error", it_session:told())
    assert.equal("still there after KILL: job[10] (state D)", it_session:record("error").reason)
    proc:finish(10)
    it_session:advance("2s")
    assert.equal("start kill kill error killed exit", it_session:told())
  end)

  it("tells what is not permitted with the cure, and root what it takes", function()
    cure.helps = function() return true end
    finally(function() cure.helps = helps end)
    assert.equal(
      "not permitted (run as its user or as root, or give watchio CAP_KILL)",
      rails.reason("Operation not permitted", "CAP_KILL")
    )
    cure.helps = function() return false end
    it_session.on_signal = function() return nil, "Operation not permitted", "EPERM" end
    watch()
    it_session:advance("1s")
    assert.equal("start refused", it_session:told())
    assert.equal("not permitted (it takes CAP_KILL)", it_session:record("refused").reason)
  end)
end)

describe("an action on a target", function()
  local it_session = sessions.fixture()
  local verbs, proc
  local function begin(options)
    it_session:reopen(options)
    verbs, proc = it_session.verbs, it_session.proc
    proc:add(10, { name = "job" })
    proc:add(11, { name = "child", ppid = 10 })
  end
  before_each(function() begin() end)

  local function numbers()
    local list = {}
    for _, sent in ipairs(it_session.signals) do
      list[#list + 1] = sent.number .. ":" .. sent.pid
    end
    return table.concat(list, " ")
  end

  local HUP = uv.constants.SIGHUP

  -- verb → what makes it, what a method does, the fields of its event, how it is shown
  local cases = {
    signal = {
      function() return verbs.signal "HUP" end,
      function(t) return t:signal "HUP" end,
      { signal = "HUP" },
      "signal HUP",
    },
    stop = { function() return verbs.stop() end, function(t) return t:stop() end, {}, "stop" },
    cont = { function() return verbs.cont() end, function(t) return t:cont() end, {}, "cont" },
    nice = {
      function() return verbs.nice(10) end,
      function(t) return t:nice(10) end,
      { nice = 10 },
      "nice 10",
    },
    ionice = {
      function() return verbs.ionice("best-effort") end,
      function(t) return t:ionice("best-effort") end,
      { class = "best-effort", level = 4 },
      "ionice best-effort 4",
    },
  }

  for verb, case in pairs(cases) do
    local make, method, fields, shown = table.unpack(case)

    local function assert_told(dry)
      local told = it_session:record(verb)
      for name, value in pairs(fields) do
        assert.equal(value, told[name])
      end
      assert.equal(10, told.target.pid)
      assert.equal(dry, told.dry)
    end

    it(("is done, told and shown: %s"):format(verb), function()
      assert.equal(shown, tostring(make()))
      verbs.watch { "job", on_start = { make(), function() verbs.log "next" end } }
      it_session:advance("1s")
      assert.equal(("start %s log"):format(verb), it_session:told())
      assert_told(nil)
    end)

    it(("is a method that says how it went: %s"):format(verb), function()
      local results
      verbs.watch { "job", on_start = function(t) results = table.pack(method(t)) end }
      it_session:advance("1s")
      assert.is_true(results[1])
      assert_told(nil)
    end)

    it(("is only told in a dry run: %s"):format(verb), function()
      begin { dry = true }
      verbs.watch { "job", on_start = make() }
      it_session:advance("1s")
      assert_told(true)
      assert.same({}, it_session.signals)
      assert.same({}, it_session.priorities)
    end)

    it(("raises without a target: %s"):format(verb), function()
      verbs.after("1s", make())
      it_session:advance("1s")
      assert.matches(verb .. ": there is no target here", it_session:record("error").reason)
    end)

    it(("is nothing, and ends the list, once the target has ended: %s"):format(verb), function()
      local results
      verbs.watch { "job", on_exit = function(t) results = table.pack(method(t)) end }
      it_session:advance("1s")
      proc:finish(11)
      proc:finish(10)
      it_session:advance("2s")
      assert.is_nil(results[1])
      assert.equal("ESRCH", results[3])
      assert.equal("start exit", it_session:told())
    end)
  end

  it("that is not permitted is refused with the cure, and ends its list", function()
    cure.helps = function() return true end
    finally(function() cure.helps = helps end)
    it_session.on_priority = function() return nil, "Permission denied", "EACCES" end
    verbs.watch { "job", on_start = { verbs.nice(-5), verbs.log "never" } }
    it_session:advance("1s")
    assert.equal("start refused", it_session:told())
    local told = it_session:record("refused")
    assert.equal(
      "a higher priority is not permitted (run as root, or give watchio CAP_SYS_NICE)",
      told.reason
    )
    assert.equal(-5, told.nice)
  end)

  it("reaches all processes, also those forked since the last look", function()
    verbs.watch {
      "job",
      every = "1h",
      on_start = function(target)
        verbs.after("10s", function()
          target:signal "HUP"
          target:ionice "idle"
        end)
      end,
    }
    it_session:advance("1s")
    proc:add(12, { name = "grandchild", ppid = 11 })
    it_session:advance("10s")
    assert.equal(("%d:10 %d:11 %d:12"):format(HUP, HUP, HUP), numbers())
    assert.same({ pids = { 10, 11, 12 }, "idle" }, it_session.priorities[1])
  end)

  describe("that stops it", function()
    local watch
    before_each(function()
      watch = verbs.watch { "job", every = "1h", on_start = verbs.stop() }
      it_session:advance("1s")
      assert.equal(("%d:10 %d:11"):format(STOP, STOP), numbers())
      it_session.signals = {}
    end)

    local function assert_continued(reason)
      assert.equal(("%d:10 %d:11"):format(CONT, CONT), numbers())
      assert.equal(reason, it_session:record("cont").reason)
      assert.same({}, stop.all_held(it_session.session))
    end

    it("is undone when its watch stops", function()
      watch:stop()
      assert_continued("its watch has stopped")
    end)

    it("is undone when watchio ends", function()
      it_session.session:finish(function() end)
      assert_continued("watchio ends")
    end)

    it("is undone by cont, and then not again", function()
      watch:targets()[1]:cont()
      assert_continued(nil)
      it_session.session:finish(function() end)
      assert.equal("start stop cont", it_session:told())
    end)

    it("is forgotten when the target ends", function()
      proc:finish(11)
      proc:finish(10)
      it_session.session.monitor:look(watch:targets()[1].id)
      it_session:advance("1s")
      assert.same({}, stop.all_held(it_session.session))
    end)

    it("is not done any more once watchio ends", function()
      local target = watch:targets()[1]
      it_session.session:finish(function() end)
      it_session.signals = {}
      assert.is_nil(target:stop())
      assert.equal("", numbers())
    end)
  end)
end)

describe("after a reload", function()
  local it_session = sessions.fixture()
  local proc
  before_each(function()
    proc = it_session.proc
    proc:add(10, { name = "job" })
  end)

  local guarded = [[
    protect { "%s" }
    watch { "job", every = "1s", while_idle = { every = "10s", signal "HUP" }, idle = "5s" }
  ]]

  local function refusals()
    local _, count = it_session:told { "refused" }:gsub("refused", "")
    return count
  end

  it("the names of the new version are protected, and only these", function()
    it_session:run { text = guarded:format "job" }
    it_session:advance("6s")
    assert.equal(1, refusals())
    assert.is_true(it_session:reload(guarded:format "other"))
    it_session:advance("10s")
    assert.equal("start idle refused reload signal", it_session:told())
    assert.is_true(it_session:reload((guarded:format("x"):gsub("protect.-\n", "")))) -- none at all
    it_session:advance("10s")
    assert.equal(1, refusals())
  end)

  it("that fails, the names of the version before still are", function()
    it_session:run { text = guarded:format "job" }
    it_session:advance("6s")
    assert.is_false(it_session:reload(guarded:format "other" .. " error 'half way'"))
    it_session:advance("10s")
    assert.equal(2, refusals())
    assert.same({}, it_session.signals)
  end)

  it("a watch that goes on has not forgotten how many it has ended", function()
    local policy = 'watch { "job", every = "1s", on_start = kill { most = 1 } } -- %d'
    it_session.on_signal = function(pid)
      proc:finish(pid)
      return true
    end
    it_session:run { text = policy:format(1) }
    it_session:advance("1s")
    it_session:reload(policy:format(2))
    proc:add(11, { name = "job" })
    it_session:advance("3s")
    assert.equal(1, refusals())
  end)

  it("what a watch that goes on has stopped stays so, all else goes on", function()
    local policy = [[watch { "job", every = "%s", on_start = stop() }]]
    it_session:run { text = policy:format "1s" }
    it_session:advance("1s")
    it_session:reload(policy:format "1s")
    assert.equal("start stop reload", it_session:told())
    it_session:reload 'watch { "other" }'
    assert.equal("start stop reload cont reload", it_session:told())
  end)
end)
