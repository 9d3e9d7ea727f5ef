-- Ends a program once it has written so much to the disk.
--
--   watchio run write-budget NAME [SIZE [GRACE]]
--
-- NAME is a name glob or a pid. SIZE counts from when watchio first saw it, and with all that it
-- has started: also what has ended.

local name, size, grace = args[1], args[2] or "10GB", args[3] or "30s"
if not name then error("want NAME after the policy, e.g. import.sh", 0) end

watch {
  name,
  limits = { {
    "write_bytes", above = size,
    on_over = { log("has written %s", size), kill { grace = grace } },
  } },
}
