-- SPDX-License-Identifier: MIT
-- Tasks: every handler runs in a coroutine of its own, so that it can wait while everything else
-- goes on.
local give_back = require("watchio.tasks.budget").give_back
local mistake = require "watchio.base.mistake"

local task = {}

---@class watchio.TaskContext what a task was started for
---@field session watchio.Session
---@field target? watchio.Target
---@field event? watchio.Event
---@field private pending? fun()[]
---@field private on_error fun(traceback: string, message: string)

local running = setmetatable({}, { __mode = "k" }) -- coroutine → its context, while it is a task

-- For people: "a handler (nginx: idle)", "a handler (every)".
local function describe_context(context)
  return function()
    local event, target = context.event, context.target
    local what = event and event.type or "of none"
    return ("a handler (%s)"):format(target and target.label .. ": " .. what or what)
  end
end

local function slice(thread, act)
  local context = running[thread]
  return context.session.budget:slice("handler", describe_context(context), act, thread)
end

local function do_pending(context)
  local pending = context.pending
  context.pending = nil
  for _, act in ipairs(pending or {}) do
    act()
  end
end

-- An error of a task is reported after its slice, since the report takes time and memory, too.
local function fail(thread, raised)
  local context = running[thread]
  local budget = context.session.budget
  local message = budget:text_of(budget:explain(raised, mistake.place_in(thread)))
  local traceback = debug.traceback(thread, message)
  slice(thread, coroutine.close) -- variables to be closed
  give_back(message)
  do_pending(context)
  context.on_error(traceback, message)
end

-- A slice of a task: from a resume to the next wait.
local function resume_slice(thread)
  local ok, raised = slice(thread, coroutine.resume)
  if not ok then fail(thread, raised) end
end

--- Runs `body` in a new task until it ends or first waits.
---@param body fun()
---@param on_error fun(traceback: string, message: string)
---@param context watchio.TaskContext
function task.start(body, on_error, context)
  local thread = coroutine.create(function()
    body()
    task.catch_up()
  end)
  context.on_error = on_error
  running[thread] = context
  context.session.budget:cover(thread)
  resume_slice(thread)
end

--- The reason why the caller's task was started. It is nil if the caller is in no task, and so may
--- not wait.
---@return watchio.TaskContext?
function task.context() return running[coroutine.running()] end

--- Calls something before the caller's task next reports, waits, or ends.
---@param act fun()
function task.before_anything_else(act)
  local context = task.context()
  context.pending = context.pending or {}
  context.pending[#context.pending + 1] = act
end

--- Makes the calls that were put off by `before_anything_else`.
function task.catch_up()
  local context = task.context()
  if context and context.pending then do_pending(context) end
end

--- Ends a waiting task for good, and closes its variables that are to be closed.
---@param thread thread
function task.close(thread)
  slice(thread, coroutine.close)
  do_pending(running[thread])
end

--- Whether the caller runs in a task, and so may wait.
---@return boolean
function task.is_running() return task.context() ~= nil end

--- Waits: calls `begin(resume)`, then suspends the task until `resume(...)` is called, and
--- returns its arguments.
--- Only the first call of `resume` counts.
---@param begin fun(resume: fun(...))
---@return any ...
function task.await(begin)
  local thread = coroutine.running()
  assert(running[thread], "only a task can wait")
  task.catch_up()
  local results, suspended
  begin(function(...)
    if results then return end
    results = table.pack(...)
    if suspended then resume_slice(thread) end
  end)
  if not results then
    suspended = true
    coroutine.yield()
  end
  return table.unpack(results, 1, results.n)
end

return task
