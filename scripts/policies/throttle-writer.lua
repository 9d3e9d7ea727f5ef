-- Gives a program that writes too fast the lowest priority until it writes less.
--
--   watchio run throttle-writer NAME [RATE [HOLD]]
--
-- NAME is a name glob or a pid. What it has started counts with it.
-- RATE is what it may write to the disk (default 50MB/s).
-- HOLD is how long it must write more (default 30s). The nice value stays.

local name, rate, hold = args[1], args[2] or "50MB/s", args[3] or "30s"
if not name then error("want NAME after the policy, e.g. rsync", 0) end

watch {
  name,
  limits = { {
    "write_bytes", above = rate, hold = hold,
    on_over = { log("writes more than %s", rate), ionice "idle", nice(10) },
    on_under = { log "writes less again", ionice "best-effort" },
  } },
}
