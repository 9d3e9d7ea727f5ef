-- Starts a development server, ends it when nobody uses it, and starts it again for a visitor.
--
--   watchio run scale-to-zero PORT COMMAND [IDLE]
--
-- PORT is the TCP port on 127.0.0.1 that the server serves.
-- COMMAND is a shell line that serves it.
-- IDLE is how long nobody must have used it until it is ended (default 15m).

local uv = require "luv"
local port, command, idle = math.tointeger(tonumber(args[1])), args[2], args[3] or "15m"
if not (port and command) then error("want PORT and COMMAND after the policy", 0) end
local ANSWER = "HTTP/1.1 503 Starting\r\nRetry-After: 1\r\nRefresh: 1\r\n\r\nIt starts.\n"

local await
local function serve()
  watch { spawn = { "/bin/sh", "-c", command }, label = "server", idle = idle, on_idle = kill(),
    on_exit = function() await() end }
end
function await()
  local door = uv.new_tcp()
  assert(door:bind("127.0.0.1", port) and door:listen(16, function()
    local visitor = uv.new_tcp()
    door:accept(visitor)
    visitor:read_start(function() -- its request, or its end
      if visitor:is_writable() then visitor:write(ANSWER, function() visitor:close() end) end
      if not door:is_closing() then door:close(serve) end
    end)
  end))
end
after(0, serve)
