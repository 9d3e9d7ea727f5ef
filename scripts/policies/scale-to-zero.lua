-- Starts a development server, ends it when nobody uses it, and starts it again for a visitor.
--
--   watchio run scale-to-zero PORT COMMAND [IDLE]
--
-- PORT is the TCP port on 127.0.0.1 that the server serves.
-- COMMAND is a shell line that serves it. If it ends by itself, the next try is later each time.
-- IDLE is how long nobody uses it before it is ended (default 15m).

-- SPDX-License-Identifier: MIT
local uv = require "luv"
local port, command, idle = math.tointeger(tonumber(args[1])), args[2], args[3] or "15m"
if not command then error("want PORT and COMMAND after the policy", 0) end
if not port then error(("bad PORT %q (want e.g. 8080)"):format(args[1]), 0) end
local ANSWER = "HTTP/1.1 503 Starting\r\nRetry-After: 1\r\nRefresh: 1\r\n\r\nIt starts%s.\n"
local await, pause = nil, 0 -- the seconds until the next try, after one that failed

local function fail(...)
  pause = math.min(math.max(1, pause * 2), 60)
  log("%s: the next try is in %d s", string.format(...), pause)
end
local function serve()
  local asked = false
  watch { spawn = { "/bin/sh", "-c", command }, label = "server", idle = idle,
    on_idle = { function() asked, pause = true, 0 end, kill() },
    on_exit = function() return asked or fail "the server has ended by itself", await() end }
end
function await()
  local door, ready = uv.new_tcp(), pause == 0
  local open, reason = door:bind("127.0.0.1", port)
  if open then open, reason = door:listen(16, function()
    local visitor = uv.new_tcp()
    door:accept(visitor)
    visitor:read_start(function() -- its request, or its end
      local text = ANSWER:format(ready and "" or " soon: it has ended by itself")
      if visitor:is_writable() then visitor:write(text, function() visitor:close() end) end
      if ready and not door:is_closing() then door:close(serve) end
    end)
  end) end
  if open then return ready or after(pause, function() ready = true end) end
  door:close()
  fail("cannot listen on port %d (%s)", port, reason)
  after(pause, await)
end
serve()
