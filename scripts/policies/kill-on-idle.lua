-- Ends processes that have done nothing for long, each judged with everything it started.
--
--   watchio run kill-on-idle NAME [IDLE [GRACE]]
--
-- NAME is a name glob or a pid. Ten of that name are ended in a minute at most.
-- IDLE is how long it must have been quiet (default 1h).
-- GRACE is the time from TERM to KILL (default 30s).

-- SPDX-License-Identifier: MIT
local name, idle, grace = args[1], args[2] or "1h", args[3] or "30s"
if not name then error("want NAME after the policy, e.g. ipykernel_launcher", 0) end

watch {
  name, idle = idle,
  on_idle = { log("idle for %s", idle), kill { grace = grace } },
}
