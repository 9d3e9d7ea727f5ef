-- SPDX-License-Identifier: MIT
-- The summary of a command of exec: its total, how many processes it started, and how many are
-- left.
local signals = require "watchio.check.signals"
local units = require "watchio.base.units"

local summary = {}

local SECOND = units.SECOND

-- The total of the processes that were waited for and of those that still live; unknown measures
-- are nil.
local function total_of(self, left)
  local total = self.reaper:spent()
  for _, pid in ipairs(left) do
    local own = self.session.monitor:reading(pid) or {}
    for name, amount in pairs(total) do
      if own[name] and name:sub(1, 3) ~= "net" then total[name] = amount + own[name] end
    end
  end
  local net = self.history and self.history.total or {}
  total.net_rx, total.net_tx = net.net_rx, net.net_tx
  return total
end

--- Keeps the facts of the command's target so far.
---@param self watchio.Exec
---@param from? watchio.native.Target|watchio.native.Event nil when nothing is known
function summary.keep(self, from)
  if not from then return end
  self.history = {
    forks = self.session.monitor:forks(),
    total = from.total,
    at_least = from.at_least,
    joined = from.joined,
    most = from.most,
    longest_quiet_ns = from.longest_quiet_ns,
  }
end

-- The processes that go on: the known ones, and the children that nobody has inspected yet.
local function left_of(self)
  local left, seen = {}, {}
  for _, pids in ipairs { self.target and self.target.pids or {}, self.reaper:kill(0) or {} } do
    for _, pid in ipairs(pids) do
      local process = not seen[pid] and self.session.monitor:describe(pid)
      if process and not process.ended then
        left[#left + 1], seen[pid] = pid, true
      end
    end
  end
  return left
end

--- Reports the summary at the end of the command.
---@param self watchio.Exec
function summary.tell(self)
  local left = left_of(self)
  summary.keep(self, self.target and self.session.monitor:target(self.target.id))
  local history = self.history or {}
  self.session:record("summary", nil, {
    command = self.text,
    pid = self.pid,
    status = self.ended.status,
    signal = self.ended.signal and signals.name(self.ended.signal),
    seconds = (self.ended.at_ns - self.started_ns) / SECOND,
    total = total_of(self, left),
    at_least = history.at_least or nil,
    started = history.forks,
    seen = math.max(1, history.joined or 0),
    most = math.max(1, history.most or 0),
    longest_quiet = (history.longest_quiet_ns or 0) / SECOND,
    left = #left,
  })
end

return summary
