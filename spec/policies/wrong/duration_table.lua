-- POLICY:2: watch: idle: bad duration a table (want e.g. "30s", "1h30m")
watch { "nginx", idle = { 1, "h" } }
-- SPDX-License-Identifier: MIT
