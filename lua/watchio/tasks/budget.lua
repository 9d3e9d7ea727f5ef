-- SPDX-License-Identifier: MIT
-- The budget keeps every slice of a policy's code, from a resume to the next wait, within its
-- bounds of CPU time and memory. It also knows which slice delayed the loop.
local uv = require "luv"
local mistake = require "watchio.base.mistake"
local native = require "watchio.native"
local units = require "watchio.base.units"

local SECOND = units.SECOND
local OFTEN = units.MINUTE -- lateness is told at most this often
local LONG = SECOND // 10 -- a slice that is worth remembering

---@class watchio.BudgetOptions
---@field budget_ns? integer how long a handler may compute at once; 0: any time; default 1 s
---@field memory? integer how many bytes Lua may take in a policy's code; default: any number

---@class watchio.Budget
---@field private native watchio.native.Budget
---@field private memory_message? string
---@field private slow? { ns: integer, at_ns: integer, what: string } what took longest of late
local Budget = {}
Budget.__index = Budget

local budget = {}

local OUT_OF_MEMORY = "not enough memory" -- Lua's own words

---@param options watchio.BudgetOptions
---@return watchio.Budget
function budget.new(options)
  local self = setmetatable({}, Budget)
  if options.memory then
    local amount = native.format_bytes(options.memory):gsub("%.0", ""):gsub(" ", "")
    self.memory_message = ("%s (--memory %s)"):format(OUT_OF_MEMORY, amount)
  end
  self.native = native.budget {
    time_ns = options.budget_ns or SECOND,
    memory = options.memory,
    memory_message = self.memory_message,
    library = mistake.library,
  }
  return self
end

--- Bounds the slices of a coroutine, and of coroutines made in it.
---@param thread thread
function Budget:cover(thread) self.native:cover(thread) end

-- Remembers the longest slice. Slices that follow one another without a pause count as one.
local function note(self, what, began_ns, ...)
  local now = uv.hrtime()
  local took, slow = now - began_ns, self.slow
  if took < LONG then return ... end
  local name = what()
  local goes_on = slow and began_ns - slow.at_ns < LONG
  if goes_on and slow.what == name then
    slow.ns, slow.at_ns = slow.ns + took, now
  elseif not goes_on or took > slow.ns then
    self.slow = { ns = took, at_ns = now, what = name }
  end
  return ...
end

--- Calls `act(...)` as a slice, and returns what it returns.
---@param subject string what computes, e.g. "handler"
---@param what fun(): string whose code it is, for people
---@param act function
---@param ... any
---@return any ...
function Budget:slice(subject, what, act, ...)
  return note(self, what, uv.hrtime(), self.native:call(subject, act, ...))
end

--- The xpcall of a policy. No hook runs in a message handler, so one that computes for ever could
--- not be interrupted. Therefore it is not called once its slice is over.
---@param act function
---@param handle fun(raised: any): any
---@param ... any
---@return boolean ok
---@return any ...
function Budget:xpcall(act, handle, ...)
  return xpcall(act, function(raised)
    if self.native:is_over() then return raised end
    return handle(raised)
  end, ...)
end

--- The text of an error. Its object may be the policy's own and may compute for some time.
---@param raised any
---@return string
function Budget:text_of(raised)
  if type(raised) == "string" then return raised end
  local ok, text = self.native:call("handler", pcall, tostring, raised)
  return ("error object (%s)"):format(ok and text or type(raised))
end

--- The message of an error, with its place if Lua itself could not add that.
---@param raised any
---@param place string e.g. "policy.lua:7: "
---@return any
function Budget:explain(raised, place)
  if raised ~= OUT_OF_MEMORY or not self.memory_message then return raised end
  return place .. self.memory_message
end

--- A slice has failed. If memory was the reason, its memory is given back. Lua 5.4.4 stops
--- collecting after a failed allocation, until it is told to begin again.
---@param message string
function budget.give_back(message)
  if not message:find(OUT_OF_MEMORY, 1, true) then return end
  collectgarbage "restart"
  collectgarbage()
end

--- Notes that the loop was `late_ns` late.
---@param late_ns integer
---@return string? reason unless it was told within the last minute
function Budget:came_late(late_ns)
  local now = uv.hrtime()
  local slow = self.slow
  self.slow = nil
  local blamed = slow and slow.ns >= late_ns // 2 and now - slow.at_ns <= late_ns
  self.last_late = { ns = late_ns, at_ns = now, what = blamed and slow.what or nil }
  if self.told_ns and now - self.told_ns < OFTEN then return nil end
  self.told_ns = now
  local text = ("the loop came %.1fs late"):format(late_ns / SECOND)
  if not blamed then return text end
  return ("%s: %.1fs in %s"):format(text, slow.ns / SECOND, slow.what)
end

--- The last case in which the loop was more than a second late.
---@return { ns: integer, ago_ns: integer, what: string? }?
function Budget:lateness()
  local last = self.last_late
  return last and { ns = last.ns, ago_ns = uv.hrtime() - last.at_ns, what = last.what }
end

return budget
