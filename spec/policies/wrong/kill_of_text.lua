-- POLICY:2: kill: want a table, got a string
watch { "nginx", on_idle = kill "TERM" }
-- SPDX-License-Identifier: MIT
