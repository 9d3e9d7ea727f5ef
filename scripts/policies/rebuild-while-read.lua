-- Rebuilds a site while somebody reads it.
--
--   watchio run rebuild-while-read SERVER COMMAND [EVERY [END]]
--
-- SERVER is a pid or a name glob. While the web server does I/O, somebody reads the site.
-- COMMAND is a shell line that rebuilds the site.
-- EVERY is the least time between two rebuilds (default 10m).
-- END is how long nobody reads the site before the server is ended (default: never).

-- SPDX-License-Identifier: MIT
local server, command, rebuild_every, end_after = args[1], args[2], args[3] or "10m", args[4]
if not command then error("want SERVER and COMMAND after the policy", 0) end

watch {
  server, label = "readers", every = "200ms", idle = "1s",
  while_active = { every = rebuild_every, run(command) },
  on_idle = log "nobody reads",
}

if end_after then
  watch {
    server, label = "server", every = "1s", idle = end_after,
    on_idle = { log("nobody has read for %s: the server ends", end_after), kill() },
  }
end
