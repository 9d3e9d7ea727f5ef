-- Rebuilds a site while somebody reads it, and ends its web server once nobody has read for long.
--
--   watchio run rebuild-while-read SERVER COMMAND [REBUILD-EVERY [END-AFTER]]
--
-- SERVER is the web server's pid or name, COMMAND a shell line. Every request makes the server read
-- and write, so one that has done neither for a second is not being read.

local server, command = args[1], args[2]
local rebuild_every, end_after = args[3] or "10m", args[4] or "1h"
if not command then error("want SERVER and COMMAND after the policy", 0) end

watch {
  server, label = "readers", every = "200ms", idle = "1s",
  while_active = { every = rebuild_every, run(command) },
  on_idle = log "nobody reads",
}

watch {
  server, label = "server", every = "1s", idle = end_after,
  on_idle = { log("nobody has read for %s: the server ends", end_after), kill { grace = "10s" } },
}
