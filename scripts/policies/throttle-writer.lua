-- Holds a program that writes too fast to a rate: stops it while it is ahead of the rate.
--
--   watchio run throttle-writer NAME [RATE]
--
-- NAME is a name glob or a pid. Everything it started counts with it.
-- RATE is what it may write to the disk on average (default 50MB/s).

-- SPDX-License-Identifier: MIT
local name, rate = args[1], args[2] or "50MB/s"
if not name then error("want NAME after the policy, e.g. rsync", 0) end

watch { name, on_start = throttle { disk_write = rate } }
