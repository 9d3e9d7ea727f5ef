-- Raises an alarm when a job that should be working does nothing.
--
--   watchio run stuck-job-alarm JOB [AFTER [AGAIN [COMMAND]]]
--
-- JOB is a name glob or a pid.
-- AFTER is how long it must have done nothing to count as stuck (default 15m).
-- AGAIN is the time until the alarm is raised again (default 1h).
-- COMMAND is a shell line that is run as well, e.g. to write a mail (default: none).

-- SPDX-License-Identifier: MIT
local job, stuck_after, again, command = args[1], args[2] or "15m", args[3] or "1h", args[4]
if not job then error("want JOB after the policy, e.g. import.sh", 0) end

local function tell(target)
  notify("%s[%d] has done nothing for %d minutes", target.name, target.pid, target.idle_for // 60)
end

watch {
  job, idle = stuck_after,
  while_idle = { every = again, tell, command },
  on_active = log "it works",
  on_exit = log "it has ended",
}
