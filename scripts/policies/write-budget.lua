-- Ends a program once it has written so much to the disk.
--
--   watchio run write-budget NAME SIZE [GRACE]
--
-- NAME is a name glob or a pid. Everything it started counts, too, even if it has ended.
-- SIZE is how much it may write from when watchio first saw it, e.g. 10GB.
-- GRACE is the time from TERM to KILL (default 30s).

-- SPDX-License-Identifier: MIT
local name, size, grace = args[1], args[2], args[3] or "30s"
if not size then error("want NAME and SIZE after the policy, e.g. import.sh 10GB", 0) end

watch {
  name,
  limits = { {
    "disk_write", above = size,
    on_over = { log("has written %s", size), kill { grace = grace } },
  } },
}
