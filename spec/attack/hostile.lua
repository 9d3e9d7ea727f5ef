-- SPDX-License-Identifier: MIT
-- The program of this folder: its shapes, and a run of some of them.
local uv = require "luv"

local hostile = {}

local Run = {}
Run.__index = Run

-- What it writes, by the first word of a line.
local readers = {
  clock = function(run, ahead) run.ahead = math.tointeger(ahead) end,
  target = function(run, index, shape, pid)
    run.targets[tonumber(index)] = { shape = shape, pid = tonumber(pid), spans = {} }
  end,
  innocent = function(run) run.innocents = run.innocents + 1 end,
  ready = function(run) run.ready = true end,
  ended = function(run, index, signal, at)
    local target = run.targets[tonumber(index)]
    target.signal, target.ended = tonumber(signal), tonumber(at)
  end,
  busy = function(run, index, from, to)
    local spans = run.targets[tonumber(index)].spans
    spans[#spans + 1] = { from = math.tointeger(from), to = math.tointeger(to) }
  end,
  hurt = function(run, pid, signal) run.hurt[#run.hurt + 1] = { pid = pid, signal = signal } end,
  done = function(run) run.done = true end,
}

local function take(run, chunk)
  run.text = run.text .. chunk
  for line in run.text:gmatch("([^\n]*)\n") do
    local words = {}
    for word in line:gmatch("%S+") do
      words[#words + 1] = word
    end
    readers[words[1]](run, table.unpack(words, 2))
  end
  run.text = run.text:match("[^\n]*$")
end

---The names of all shapes, and the set of those that take a processor.
function hostile.list(program)
  local names, hungry = {}, {}
  local pipe <close> = assert(io.popen(program .. " --list"))
  for line in pipe:lines() do
    local name = line:match("%S+")
    names[#names + 1] = name
    hungry[name] = line:find(" hungry", 1, true) ~= nil
  end
  return names, hungry
end

---Starts one of each of `shapes`.
function hostile.start(program, seed, shapes)
  local run = setmetatable({ targets = {}, hurt = {}, innocents = 0, text = "" }, Run)
  local output = uv.new_pipe()
  run.input = uv.new_pipe()
  run.handle = assert(uv.spawn(program, {
    args = { tostring(seed), table.unpack(shapes) },
    stdio = { run.input, output, 2 },
    detached = true,
  }, function() run.handle:close() end))
  output:read_start(function(_, chunk)
    if chunk then return take(run, chunk) end
    output:close()
    run.closed = true
  end)
  return run
end

---Says that they are watched from now on.
function Run:watched() self.input:write("\n") end

---Ends all of them; `done` is set when they have told all.
function Run:finish()
  if not self.input:is_closing() then self.input:close() end
end

return hostile
