-- Runs a backup when the database is quiet, with a least time between two.
--
--   watchio run backup-when-quiet DATABASE COMMAND [QUIET [EVERY [CPU]]]
--
-- DATABASE is a name glob or a pid.
-- COMMAND is a shell line that makes the backup.
-- QUIET is how long nobody must have used the database (default 10m).
-- EVERY is the least time between two backups, so that none causes the next (default 20h).
-- CPU is how much of a core is only housekeeping; watchio learn measures it (default: as usual).

-- SPDX-License-Identifier: MIT
local database, command = args[1], args[2]
local quiet, every_so_often, cpu = args[3] or "10m", args[4] or "20h", args[5]
if not command then error("want DATABASE and COMMAND after the policy", 0) end

watch {
  database, every = "5s", idle = quiet, floor = cpu and { cpu = cpu },
  while_idle = { every = every_so_often, log "the backup begins", run(command), log "it is done" },
}
