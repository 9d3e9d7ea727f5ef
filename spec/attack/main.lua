-- SPDX-License-Identifier: MIT
-- scripts/attack in Lua: rounds of hostile processes with two watchers, and what these got wrong.
local uv = require "luv"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path

local hostile = require "hostile"
local judge = require "judge"
local watcher = require "watcher"

local IDLE_S, ROUND_MS, SHAPES = 1, 9000, 9

local function usage()
  io.stderr:write("usage: scripts/attack [--seconds N] [--seed N] [--shape NAME]...\n")
  os.exit(2)
end

local function read_options(words)
  local options = { seconds = 60, seed = os.time(), shapes = {} }
  for index = 1, #words, 2 do
    local name, value = words[index]:match("^%-%-(%a+)$"), words[index + 1]
    if name == "shape" and value then
      options.shapes[#options.shapes + 1] = value
    elseif (name == "seconds" or name == "seed") and math.tointeger(tonumber(value)) then
      options[name] = math.tointeger(tonumber(value))
    else
      usage()
    end
  end
  return options
end

-- Some of the names, at most one of them hungry.
local function choose(names, hungry)
  local chosen, has_hungry = {}, false
  while #chosen < SHAPES do
    local name = names[math.random(#names)]
    if not (hungry[name] and has_hungry) then chosen[#chosen + 1] = name end
    has_hungry = has_hungry or hungry[name]
  end
  return chosen
end

local function wait_until(what, probe, ms)
  local timer <close> = setmetatable({ handle = uv.new_timer() }, {
    __close = function(self) self.handle:close() end,
  })
  local over = false
  timer.handle:start(ms, 0, function() over = true end)
  while not probe() and not over do
    uv.run("once")
  end
  if not probe() and what then error("waited in vain for " .. what) end
end

local function pids_of(run)
  local pids = {}
  for _, target in pairs(run.targets) do
    pids[#pids + 1] = target.pid
  end
  return pids
end

-- What a watcher said that it should not have; a hang is told here.
local function finish(watchers)
  for _, one in ipairs(watchers) do
    one:finish()
  end
  wait_until(
    "the end of a watchio",
    function() return watchers[1]:is_over() and watchers[2]:is_over() end,
    30000
  )
end

local function watch_them(run, program)
  local pids = pids_of(run)
  local watchers = {
    watcher.start(program, pids, { idle = IDLE_S, dry = true }),
    watcher.start(program, pids, { idle = IDLE_S }),
  }
  wait_until(
    "the watchers",
    function() return watchers[1]:has_begun() and watchers[2]:has_begun() end,
    20000
  )
  run:watched()
  local half = ROUND_MS // 2
  wait_until(nil, function() return false end, half)
  if math.random(2) == 1 then watchers[2]:reload() end
  wait_until(nil, function() return false end, half)
  finish(watchers)
  return watchers
end

local function play_round(programs, seed, shapes, tally)
  local run = hostile.start(programs.hostile, seed, shapes)
  wait_until("the hostile processes", function() return run.ready end, 20000)
  local watchers = watch_them(run, programs.watchio)
  run:finish()
  wait_until("the end of the hostile processes", function() return run.closed end, 30000)
  for _, one in ipairs(watchers) do
    judge.idleness(run, one, IDLE_S * 1000000000, seed, tally)
    if one.status ~= 0 then
      tally.wrong[#tally.wrong + 1] = ("watchio ended with %s (seed %d): %s"):format(
        one.status,
        seed,
        one.err
      )
    end
  end
  judge.ends(run, seed, tally)
  tally.rounds, tally.innocents = tally.rounds + 1, tally.innocents + run.innocents
  for _, target in pairs(run.targets) do
    tally.steps = tally.steps + #target.spans
  end
end

local shown = { busy = 0, wrong = 0 }
local function show_new(tally)
  for kind, count in pairs(shown) do
    for index = count + 1, #tally[kind] do
      print(tally[kind][index])
    end
    shown[kind] = #tally[kind]
  end
  io.stdout:flush()
end

local options = read_options(arg)
local programs = { watchio = os.getenv "WATCHIO", hostile = os.getenv "HOSTILE" }
local names, hungry = hostile.list(programs.hostile)
if #options.shapes > 0 then
  names, hungry = options.shapes, {}
end
local tally =
  { busy = {}, wrong = {}, idle = 0, ended = 0, rounds = 0, steps = 0, innocents = 0 }
print(("seed %d"):format(options.seed))
local deadline = uv.hrtime() + options.seconds * 1e9
for seed = options.seed, math.maxinteger do
  if uv.hrtime() > deadline then break end
  math.randomseed(seed)
  play_round(programs, seed, choose(names, hungry), tally)
  show_new(tally)
end
print(
  ("%d rounds, %d steps, %d innocents; %d times idle, %d ended"):format(
    tally.rounds,
    tally.steps,
    tally.innocents,
    tally.idle,
    tally.ended
  )
)
print(("%d busy called idle, %d wrong ends"):format(#tally.busy, #tally.wrong))
os.exit(#tally.busy + #tally.wrong == 0 and 0 or 1)
