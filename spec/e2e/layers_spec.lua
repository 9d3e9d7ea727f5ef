-- SPDX-License-Identifier: MIT
-- The layer check itself: it passes the tree, and sees each kind of offence.
local e2e = require "spec.e2e.support"

local function check(tree) return e2e.start { e2e.lua, "scripts/check-layers", tree } end

describe("the layer check", function()
  after_each(e2e.finish)

  it("passes the tree", function()
    local run = check(e2e.root)
    run:ends_with(0)
    assert.truthy(run.out:find("[1-9]%d* files, 0 offences\n$"))
  end)

  -- A file and what it must not hold.
  for _, case in ipairs {
    { "src/core/units.c", "#include <uv.h>" },
    { "src/core/units.c", "#include <lua.h>" },
    { "src/core/units.c", "#include <fcntl.h>" },
    { "src/core/units.c", '#include "sys/procfs.h"' },
    { "src/core/units.c", 'void f(void) { fopen("x", "r"); }' },
    { "src/sys/procfs.c", '#include "engine/monitor.h"' },
    { "src/sys/procfs.c", "#include <uv.h>" },
    { "src/engine/watch.c", "#include <lauxlib.h>" },
    { "src/engine/watch.c", '#include "bind/module.h"' },
    { "src/engine/watch.c", 'const char *root = "/proc";' },
    { "src/engine/watch.c", "void f(void) { uv_hrtime(); }" },
    { "src/engine/watch.c", "void f(void) { clock_gettime(CLOCK_MONOTONIC, &t); }" },
    { "src/engine/watch.c", 'void f(void) { printf("x"); }' },
    { "src/engine/watch.c", "void f(void) { abort(); }" },
    { "src/engine/watch.c", '#include "sys/procfs.h"' },
    { "src/engine/source.h", '#include "sys/procfs.h"' },
    { "src/engine/watch.c", "#include <uv.h>" },
    { "src/engine/watch.h", '#include "engine/loop.h"' },
    { "src/engine/watch.c", "bool f(void) { return roster->tally.ticks > 1; }" },
    { "src/engine/watch.c", "void f(void) { seen_at = tally->reads; }" },
    { "src/engine/watch.c", "void f(void) { now = wio_monitor_tally(monitor).ticks; }" },
    { "src/bind/launch.c", "void f(void) { wio_monitor_tally(monitor); }" },
    { "src/bind/module.c", '#include "sys/procfs.h"' },
    { "src/other/thing.c", "int x;" },
    { "lua/watchio/verbs/run.lua", "local file = io.open('/proc/1/io')" },
    { "lua/watchio/base/format.lua", 'local report = require "watchio.show.report"' },
    { "lua/watchio/show/report.lua", 'local action = require "watchio.tasks.action"' },
    { "lua/watchio/tasks/action.lua", 'local values = require "watchio.check.values"' },
    { "lua/watchio/check/shape.lua", 'local command = require("watchio.command.command")' },
    { "lua/watchio/command/launch.lua", "local target = require 'watchio.watch.target'" },
    { "lua/watchio/verbs/kill.lua", 'local watch = require "watchio.watch.watch"' },
    { "lua/watchio/watch/watch.lua", 'local load = require "watchio.policy.load"' },
    { "lua/watchio/policy/load.lua", 'local exec = require "watchio.jobs.exec"' },
    { "lua/watchio/jobs/exec.lua", 'local run = require "watchio.cli.run"' },
    { "lua/watchio/service/control.lua", 'local ok = pcall(require, "watchio.jobs.exec")' },
    { "lua/watchio/tape/replay.lua", 'local exec = require "watchio.jobs.exec"' },
    { "lua/watchio/fleet/lease.lua", 'local load = require "watchio.policy.load"' },
    { "lua/watchio/top/frame.lua", 'local run = require "watchio.cli.run"' },
    { "lua/watchio/init.lua", 'local cli = require "watchio.cli"' },
    { "lua/watchio/misc/thing.lua", "return {}" },
    { "lua/watchio/jobs/exec.lua", "session.status = 1" },
    { "lua/watchio/jobs/exec.lua", "self.session.status = 1" },
    { "lua/watchio/watch/watch.lua", "self.launched, session.seen = true, true" },
    {
      "lua/watchio/watch/watch.lua",
      "self.natives[id], state.session.watches[id] = native, self",
    },
    { "lua/watchio/verbs/kill.lua", "session.kills[on.id] = { pinned = pinned }" },
    { "lua/watchio/verbs/kill.lua", "session.kills[#session.kills + 1] = on" },
    { "lua/watchio/policy/load.lua", "if is_first then session.loading = true end" },
    { "lua/watchio/policy/load.lua", "act(function() session.loading = true end)" },
    { "lua/watchio/policy/rehearsal.lua", "function session.quit(_, status) end" },
    { "lua/watchio/policy/rehearsal.lua", "function self.session:quit(status) end" },
    { "lua/watchio/cli/run.lua", "running.command_output = 2" },
    { "lua/watchio/cli/top.lua", "own.on_record = function(record) note(self, record) end" },
  } do
    local path, offence = table.unpack(case)
    it(("sees %s in %s"):format(offence, path), function()
      local tree = e2e.folder()
      os.execute(("mkdir -p '%s/%s'"):format(tree, path:match("^(.*)/")))
      e2e.write(tree .. "/" .. path, "\n" .. offence .. "\n")
      local run = check(tree)
      run:ends_with(1)
      assert.truthy(run.out:find("^" .. path .. ":%d: "), run.out)
    end)
  end

  it("does not mind who reads a session, or keeps it", function()
    local tree = e2e.folder()
    os.execute(("mkdir -p '%s/lua/watchio/watch'"):format(tree))
    e2e.write(
      tree .. "/lua/watchio/watch/thing.lua",
      [[
      local session = require "watchio.watch.session" -- session.status = 1
      local status = session.status
      local self = { session = session, status = session.status, now = session:now() }
      self.session, self.dry = session, session.dry
      if session.status == 1 or session.status ~= self.status then self.ended = true end
      session:record("log", on, { message = session.status, reason = "x" })
      session_options.dry = true
      state_of[session.root] = true
    ]]
    )
    e2e.write(tree .. "/lua/watchio/watch/session_time.lua", "session.status = 1\n")
    check(tree):ends_with(0)
  end)

  it("does not mind comments and texts", function()
    local tree = e2e.folder()
    os.execute("mkdir -p " .. tree .. "/src/core")
    e2e.write(
      tree .. "/src/core/units.c",
      [[
      // printf("/proc")
      /* abort()
       */ char *text = "exit(1) \" //";
    ]]
    )
    local run = check(tree)
    run:ends_with(0)
  end)
end)
