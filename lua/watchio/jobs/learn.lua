-- SPDX-License-Identifier: MIT
-- Learns how much noise a target makes while it is idle, and the floors above that.
local floors = require "watchio.check.floors"
local units = require "watchio.base.units"
local watch = require "watchio.watch.watch"

local learn = {}

local SECOND = units.SECOND
local MARGIN = 2 -- a timer that rings once a second can ring twice between two looks

learn.margin = MARGIN

---@class watchio.Noise what a target did, by floors: bytes, calls, bytes, seconds of cpu
---@field target watchio.Target
---@field seconds integer how many seconds were sampled
---@field most table<"io"|"calls"|"net"|"cpu", number> in the busiest second
---@field sum table<"io"|"calls"|"net"|"cpu", number> in all of them
---@field unreadable? string why some of it is not known
---@field hides? { pid: integer, name: string } one of its processes that may do what neither io nor
---net shows

-- The amounts that are compared with the floors: see core/floor.h.
local function amounts(before, now)
  local function moved(name) return (now[name] or 0) - (before[name] or 0) end
  local through = moved "rchar" + moved "wchar"
  local device = moved "read_bytes" + moved "write_bytes" + moved "cancelled_write_bytes"
  return {
    io = math.max(through, device),
    calls = moved "syscr" + moved "syscw",
    net = moved "net_rx" + moved "net_tx",
    cpu = moved "cpu",
  }
end

local function add(noise, amount, seconds)
  noise.seconds = noise.seconds + 1
  for name, value in pairs(amount) do
    noise.most[name] = math.max(noise.most[name] or 0, value / seconds)
    noise.sum[name] = (noise.sum[name] or 0) + value
  end
end

local function look(self)
  local now = self.session:now()
  for _, target in ipairs(self.handle:targets()) do
    local noise, total = self.by_target[target], target.total
    if not noise then
      noise = { target = target, seconds = 0, most = {}, sum = {} }
      self.by_target[target] = noise
      self.noises[#self.noises + 1] = noise
    else
      add(noise, amounts(noise.total, total), (now - noise.at_ns) / SECOND)
    end
    noise.total, noise.at_ns = total, now
  end
end

-- A process of the target that holds a Unix or UDP socket, a device, memory that others share, or
-- the like.
local function find_hiding(session, target)
  for _, pid in ipairs(target.pids) do
    local reading = session.monitor:reading(pid)
    local process = reading and reading.hidden and session.monitor:describe(pid)
    if process then return { pid = pid, name = process.name } end
  end
end

--- Samples the processes of a selector, once a second for a while.
---@param session watchio.Session
---@param native watchio.native.Selector
---@param options { per: string, for_ns: integer }
---@param done fun(noises: watchio.Noise[]) in the order in which the targets were seen
---@return fun() finish ends it early; harmless when it has ended
function learn.start(session, native, options, done)
  local self = { session = session, by_target = {}, noises = {}, unreadable = {} }
  local function on_unreadable(target, event) self.unreadable[target] = event.reason end
  local rule = { per = options.per, every = 1, on_unreadable = on_unreadable }
  self.handle = watch.new(session, rule, { selector = native })
  local stop = session:repeating(session:now() + SECOND, SECOND, function() look(self) end)
  local finished = false
  local function finish()
    if finished then return end
    finished = true
    stop()
    for _, noise in ipairs(self.noises) do
      noise.unreadable = self.unreadable[noise.target]
      noise.hides = not noise.unreadable and find_hiding(session, noise.target) or nil
    end
    done(self.noises)
  end
  -- Half a second later, so that the last sample is over. The first sample is only the starting
  -- point.
  session:alarm(options.for_ns + SECOND + SECOND // 2, finish)
  return finish
end

-- Two digits, rounded up, so that the line is easy to read.
local function round_up(value)
  local unit = 10.0 ^ (math.floor(math.log(value, 10)) - 1)
  return math.ceil(value / unit - 1e-9) * unit
end

local function byte_rate(rate)
  local bytes = math.ceil(round_up(rate))
  for _, unit in ipairs { { 1000000, "MB" }, { 1000, "KB" } } do
    if bytes >= unit[1] then return ('"%.4g%s/s"'):format(bytes / unit[1], unit[2]) end
  end
  return ('"%dB/s"'):format(bytes)
end

local texts = {
  io = byte_rate,
  net = byte_rate,
  calls = function(rate) return ('"%d/s"'):format(math.ceil(rate - 1e-9)) end,
  cpu = function(share) return ('"%.4g%%"'):format(round_up(share * 100)) end,
}

--- The floor of cpu above a noise, if it is not safe: work below it would go unseen, since io and
--- net do not show that work either.
---@param noise watchio.Noise
---@return number? share of a core; nil where a floor of cpu is safe, or none is needed
---@return string? text the share as a floor, "0.42%"
function learn.unsafe(noise)
  local share = (noise.most.cpu or 0) * MARGIN
  if not noise.hides or share <= floors.default.hidden.cpu then return nil end
  return share, texts.cpu(share):gsub('"', "")
end

--- The floors above a noise, as a line of a policy. A floor that is not safe is left out.
---@param noise watchio.Noise
---@return string e.g. `floor = { io = "6.3KB/s", calls = "20/s", net = 0, cpu = "0.42%" }`
function learn.floor(noise)
  local parts, unsafe = {}, learn.unsafe(noise)
  for _, name in ipairs(floors.names) do
    local rate = (noise.most[name] or 0) * MARGIN
    if name ~= "cpu" or not unsafe then
      parts[#parts + 1] = name .. " = " .. (rate > 0 and texts[name](rate) or "0")
    end
  end
  return "floor = { " .. table.concat(parts, ", ") .. " }"
end

return learn
