-- Tasks: every handler runs in a coroutine of its own, so that it can wait without blocking
-- anything else.

local task = {}

---@class watchio.TaskContext what a task was started for
---@field session watchio.Session
---@field target? watchio.Target
---@field event? watchio.Event
---@field private pending? fun()[]

local running = setmetatable({}, { __mode = "k" }) -- coroutine → its context, while it is a task

local function describe(message)
  if type(message) == "string" then return message end
  return ("error object (%s)"):format(tostring(message))
end

-- A slice of a task: from a resume to the next wait. xpcall stands inside: what is raised here
-- could only come from on_error itself.
local function resume_slice(thread)
  local ok, message = coroutine.resume(thread)
  if not ok then error(message, 0) end
end

--- Runs `body` in a new task until it ends or first waits.
---@param body fun()
---@param on_error fun(traceback: string, message: string)
---@param context watchio.TaskContext
function task.start(body, on_error, context)
  local thread = coroutine.create(function()
    local message
    local ok, traceback = xpcall(function()
      body()
      task.catch_up()
    end, function(raised)
      message = describe(raised)
      return debug.traceback(message, 2)
    end)
    if not ok then on_error(traceback, message) end
  end)
  running[thread] = context
  resume_slice(thread)
end

--- What the caller's task was started for; nil when the caller is in none, and so may not wait.
---@return watchio.TaskContext?
function task.context()
  return running[coroutine.running()]
end

--- Has something done before the caller's task tells anything, waits, or ends.
---@param act fun()
function task.before_anything_else(act)
  local context = task.context()
  context.pending = context.pending or {}
  context.pending[#context.pending + 1] = act
end

--- Does what was to be done before anything else.
function task.catch_up()
  local context = task.context()
  local pending = context and context.pending
  if not pending then return end
  context.pending = nil
  for _, act in ipairs(pending) do act() end
end

--- Whether the caller runs in a task, that is, may wait.
---@return boolean
function task.is_running()
  return task.context() ~= nil
end

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
