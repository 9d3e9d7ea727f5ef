-- SPDX-License-Identifier: MIT
-- A watchio beside the hostile processes, and what it reported.
local json = require "dkjson"
local uv = require "luv"

local watcher = {}

local Watcher = {}
Watcher.__index = Watcher

local POLICY = [[
watch { { %s }, idle = "%gs", every = "100ms", on_idle = kill { grace = "1s", most = 1000 } }
]]

-- The wall clock of a report, in ns.
local function nanoseconds(time)
  local year, month, day, hour, min, sec, part =
    time:match("(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)%.?(%d*)")
  local seconds = os.time {
    year = year,
    month = month,
    day = day,
    hour = hour,
    min = min,
    sec = sec,
    isdst = false,
  }
  local zone = os.difftime(os.time(os.date("*t", seconds)), os.time(os.date("!*t", seconds)))
  return (seconds + math.tointeger(zone)) * 1000000000
    + math.floor(tonumber("0." .. (part == "" and "0" or part)) * 1e9)
end

local function take(self, chunk)
  self.text = self.text .. chunk
  for line in self.text:gmatch("([^\n]*)\n") do
    local event = json.decode(line)
    if event and event.time then
      event.at = nanoseconds(event.time)
      self.events[#self.events + 1] = event
    end
  end
  self.text = self.text:match("[^\n]*$")
end

---Starts one that watches `pids`; with `dry` it ends nobody.
function watcher.start(program, pids, options)
  local self = setmetatable({ events = {}, text = "", err = "", open = 2 }, Watcher)
  local path = os.tmpname()
  do
    local file <close> = assert(io.open(path, "w"))
    file:write(POLICY:format(table.concat(pids, ", "), options.idle))
  end
  local out, err = uv.new_pipe(), uv.new_pipe()
  local args = { "run", "--json", path }
  if options.dry then table.insert(args, 2, "--dry-run") end
  self.path, self.dry = path, options.dry
  self.handle, self.pid = uv.spawn(
    program,
    { args = args, stdio = { nil, out, err } },
    function(status, signal)
      self.status = signal == 0 and status or "signal " .. signal
      self.handle:close()
    end
  )
  assert(self.handle, self.pid)
  out:read_start(function(_, chunk)
    if chunk then return take(self, chunk) end
    out:close()
    self.open = self.open - 1
  end)
  err:read_start(function(_, chunk)
    if chunk then
      self.err = self.err .. chunk
      return
    end
    err:close()
    self.open = self.open - 1
  end)
  return self
end

---Whether it has found any of them.
function Watcher:has_begun() return #self.events > 0 or self.status ~= nil end

---Has it read its policy again.
function Watcher:reload()
  if not self.status then uv.kill(self.pid, "sighup") end
end

function Watcher:finish()
  if not self.status then uv.kill(self.pid, "sigterm") end
end

function Watcher:is_over()
  local over = self.status ~= nil and self.open == 0
  if over then os.remove(self.path) end
  return over
end

return watcher
