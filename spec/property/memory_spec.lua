-- SPDX-License-Identifier: MIT
-- A policy that is left running takes no more memory after a hundred thousand events than before.
local sessions = require "spec.support.sessions"
local uv = require "luv"

local FIRST, TARGETS, ROUNDS, WARM_UP = 100, 100, 520, 100

local POLICY = [[
  defaults { every = "2500ms", idle = "1s", counts = "io", floor = { io = 0, calls = 0 } }
  local calls, by_pid = 0, {}
  local function note(target, event)
    calls = calls + 1
    by_pid[target.pid % 100] = event.time + (event.idle_for or 0) + (event.total.rchar or 0)
  end
  watch { "worker",
    on_start = function(target, event) by_pid[target.pid % 100] = event.time end,
    on_active = { note, log "busy", note },
    on_idle = function(target, event)
      note(target, event)
      sleep(0.1)
      if target:wait_idle "1s" then note(target, event) end
    end,
    on_exit = note,
    on_unreadable = note,
    on_error = note,
    while_active = { every = "1s", function(target)
      if target.pid % 25 == 0 then error "on purpose" end
    end },
    while_idle = { every = "1s", function(target) by_pid[#target.pids] = target.name end },
  }
  every("1s", function() sleep "10ms" calls = 0 end)
  watch { "worker", per = "all", on_active = note }
]]

local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = assert(io.open "/proc/self/statm")
  return tonumber(file:read("a"):match "^%d+ (%d+)") * 4096
end

local function references()
  local count = 0
  for _ in pairs(debug.getregistry()) do
    count = count + 1
  end
  return count
end

-- All workers read one file of counters, so that one write moves them all.
local function share_counters(proc, pid)
  local own = proc:file(pid, "io")
  assert(uv.fs_unlink(own))
  assert(uv.fs_link(proc:file(FIRST, "io"), own))
end

local function add_worker(proc, pid)
  proc:add(pid, { name = "worker", start = pid })
  if pid ~= FIRST then share_counters(proc, pid) end
end

describe("a policy with ten handlers", function()
  local it_session = sessions.fixture()
  local events

  before_each(function()
    events = 0
    it_session.session.on_record = function(record)
      if record.event ~= "log" then events = events + 1 end
    end
  end)

  -- All work, then rest; every tenth time one ends and another comes.
  local function play(round)
    local proc = it_session.proc
    proc:move(FIRST, { rchar = 10, syscr = 1 })
    it_session:advance "2500ms"
    if round % 10 > 0 then return end
    proc:zombie(FIRST + round // 10)
    add_worker(proc, FIRST + TARGETS - 1 + round // 10)
  end

  it("takes no more memory after a hundred thousand events", function()
    for pid = FIRST, FIRST + TARGETS - 1 do
      add_worker(it_session.proc, pid)
    end
    it_session:run { text = POLICY }
    it_session:advance "1s"
    for round = 1, WARM_UP do
      play(round)
    end
    local before_references = references()
    -- Memory that is taken once for all, which depends on the specs before, is no leak; a leak goes
    -- on.
    local grown, half = math.huge, (ROUNDS - WARM_UP) // 2
    for _, first in ipairs { WARM_UP + 1, WARM_UP + half + 1 } do
      local before_bytes = resident()
      for round = first, first + half - 1 do
        play(round)
      end
      grown = math.min(grown, resident() - before_bytes)
    end
    assert.is_true(events >= 100000, "events: " .. events)
    assert.is_true(grown <= 5e5, "grown by " .. grown)
    assert.equal(before_references, references())
  end)
end)
