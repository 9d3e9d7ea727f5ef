-- POLICY:2: watch: bad name "nginx,user=alice" (KEY=VALUE is for commands such as match; a policy has user = "alice")
watch { "nginx,user=alice", on_idle = kill() }
-- SPDX-License-Identifier: MIT
