-- POLICY:2: watch: spawn: bad command an action (want a list such as { "make", "all" })
watch { spawn = run "./import.sh" }
-- SPDX-License-Identifier: MIT
