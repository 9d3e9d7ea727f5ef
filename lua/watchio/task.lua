-- Tasks: every handler runs in a coroutine of its own, so that it can wait without blocking
-- anything else.

local task = {}

local running = setmetatable({}, { __mode = "k" }) -- coroutine → true, while it is a task

local function describe(message)
  if type(message) == "string" then return message end
  return ("error object (%s)"):format(tostring(message))
end

--- Runs `body` in a new task until it ends or first waits.
---@param body fun()
---@param on_error fun(traceback: string, message: string)
function task.start(body, on_error)
  local thread = coroutine.create(function()
    local message
    local ok, traceback = xpcall(body, function(raised)
      message = describe(raised)
      return debug.traceback(message, 2)
    end)
    if not ok then on_error(traceback, message) end
  end)
  running[thread] = true
  -- xpcall stands inside: what is raised here could only come from on_error itself.
  local ok, message = coroutine.resume(thread)
  if not ok then error(message, 0) end
end

--- Whether the caller runs in a task, that is, may wait.
---@return boolean
function task.is_running()
  return running[coroutine.running()] ~= nil
end

--- Waits: calls `begin(resume)`, then suspends the task until `resume(...)` is called, and
--- returns its arguments.
--- Only the first call of `resume` counts.
---@param begin fun(resume: fun(...))
---@return any ...
function task.await(begin)
  local thread = coroutine.running()
  assert(running[thread], "only a task can wait")
  local results, suspended
  begin(function(...)
    if results then return end
    results = table.pack(...)
    if suspended then
      local ok, message = coroutine.resume(thread)
      if not ok then error(message, 0) end
    end
  end)
  if not results then
    suspended = true
    coroutine.yield()
  end
  return table.unpack(results, 1, results.n)
end

return task
