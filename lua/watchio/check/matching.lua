-- SPDX-License-Identifier: MIT
-- Finds the processes that match. The engine checks all keys but `where`, which is a function of
-- the policy.
local clock = require "watchio.base.clock"
local format = require "watchio.base.format"
local kept = require "watchio.base.kept"
local mistake = require "watchio.base.mistake"
local suggest = require "watchio.base.suggest"
local users = require "watchio.base.users"
local values = require "watchio.check.values"

local matching = {}

local FIELDS = {
  "pid",
  "ppid",
  "name",
  "other_names",
  "cmd",
  "exe",
  "user",
  "uid",
  "unit",
  "cgroup",
  "started",
  "kernel_thread",
}

local Process = {
  __name = "watchio.process",
  __index = function(_, name)
    for _, known in ipairs(FIELDS) do
      if name == known then return nil end
    end
    mistake.raise(("a process has no '%s'%s"):format(tostring(name), suggest(name, FIELDS)))
  end,
}

--- A process as `where` sees it; meta/watchio.lua lists its fields. An unknown field raises an
--- error.
---@param described watchio.native.Process
---@return watchio.Process
function matching.process(described)
  local process = {}
  for _, name in ipairs(FIELDS) do
    process[name] = described[name]
  end
  process.user = users.name(described.uid)
  process.started = clock.started(described.start_ticks)
  return setmetatable(process, Process)
end

local MOST_MESSAGES = 100 -- that are remembered

local told_of = kept(function() return { count = 0 } end) -- session → its messages of `where`

-- Reports each message once, and nothing more after a number of different messages.
local function tell_once(session, about, message)
  local told = told_of(session)
  if told[message] or told.count == MOST_MESSAGES then return end
  told[message], told.count = true, told.count + 1
  session:record("error", about, { reason = "where: " .. message })
end

--- Whether `where` holds for a process; without `where` it does. If `where` raises an error it does
--- not hold; each message is reported once.
---@param session watchio.Session
---@param about watchio.Watch? whose it is
---@param native watchio.native.Selector
---@param described watchio.native.Process
---@return boolean
function matching.holds(session, about, native, described)
  if not native.where then return true end
  local process = matching.process(described)
  local ok, answer = session.budget:slice(
    "where",
    function() return (about and about.label .. ": " or "") .. "where" end,
    pcall,
    native.where,
    process
  )
  if ok then return answer and true or false end
  tell_once(session, about, format.escape(session.budget:text_of(answer)))
  return false
end

--- The processes that match any of the selectors now, each once, in order of pid; and those of
--- which this is unknown.
---@param session watchio.Session
---@param natives watchio.native.Selector[]
---@return watchio.native.Process[]? processes
---@return watchio.native.Process[]|string unknown or why a selector does not compile
---@return watchio.native.Process[]? left_out what runs watchio, and other watchios
function matching.find(session, natives)
  local processes, unknown, by_pid, left_out = {}, {}, {}, {}
  for _, native in ipairs(natives) do
    local found, others, aside = session.monitor:find(native)
    if not found then return nil, others end
    for _, process in ipairs(found) do
      if not by_pid[process.pid] and matching.holds(session, nil, native, process) then
        by_pid[process.pid] = process
        processes[#processes + 1] = process
      end
    end
    table.move(others, 1, #others, #unknown + 1, unknown)
    table.move(aside, 1, #aside, #left_out + 1, left_out)
  end
  table.sort(processes, function(a, b) return a.pid < b.pid end)
  return processes, unknown, left_out
end

--- The hint to append to a message that nothing listens on a port of TCP: who has it for UDP.
---@param session watchio.Session
---@param port any as the key `port` takes it
---@return string hint empty when there is none
function matching.hint_of_udp(session, port)
  if math.type(port) ~= "integer" or port >= values.UDP then return "" end
  local found = session.monitor:find { ports = { port | values.UDP } }
  local first = found and found[1]
  if not first then return "" end
  return (", but %s[%d] has it for UDP: port=udp:%d"):format(
    format.escape(first.name),
    first.pid,
    port
  )
end

--- The hint to append to a message that nothing matches: what would, but is left out.
---@param left_out watchio.native.Process[]
---@return string hint empty when there is none
function matching.hint_of_left_out(left_out)
  local first = left_out[1]
  if not first then return "" end
  local name = ("%s[%d]"):format(format.escape(first.name), first.pid)
  if #left_out == 1 then
    return (" besides %s, which is left out since it runs watchio (want its pid)"):format(name)
  end
  local form = " besides %s and %d more, which are left out since they run watchio (want a pid)"
  return form:format(name, #left_out - 1)
end

local function is_glob(name) return name:find("[%[*?\\]") ~= nil end

local looked = setmetatable({}, { __mode = "k" }) -- session → the names of then: { at_ns, names }

-- The names of all processes that live now. They are kept for a moment, since many watches may ask
-- at the same time.
local function living_names(session)
  local known = looked[session]
  if known and known.at_ns == session:now() then return known.names end
  local names = {}
  for _, process in ipairs(session.monitor:find { names = { "*" } } or {}) do
    names[#names + 1] = process.name
    table.move(process.other_names, 1, #process.other_names, #names + 1, names)
  end
  looked[session] = { at_ns = session:now(), names = names }
  return names
end

--- A hint to append to a message that nothing has a name: the name of a living process that is
--- near.
---@param session watchio.Session
---@param name string? a glob gets no hint
---@return string hint empty when there is none
function matching.suggest_name(session, name)
  if not name or is_glob(name) then return "" end
  local names = living_names(session)
  for _, known in ipairs(names) do
    if known == name then return "" end -- then another condition does not hold
  end
  return format.escape(suggest(name, names))
end

-- The observer of a target and its first process, if both are still there.
local function who(session, id)
  local snapshot = session.monitor:target(id)
  local observer = snapshot and session.observers:of(snapshot.watch)
  local described = snapshot and session.monitor:describe(snapshot.pid)
  if not observer or not described or described.start_ticks ~= snapshot.start_ticks then
    return nil
  end
  return observer, described
end

--- Whether the watch of a target still names its first process. True if that process has ended
--- before the others.
---@param session watchio.Session
---@param id integer the target
---@return boolean
function matching.still_matches(session, id)
  if not session.monitor:still_matches(id) then return false end
  local observer, described = who(session, id)
  return not observer or matching.holds(session, observer.watch, observer.selector, described)
end

return matching
