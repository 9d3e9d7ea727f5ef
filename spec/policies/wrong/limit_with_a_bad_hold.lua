-- POLICY:2: watch: limits: hold: bad duration "3x" (want e.g. "30s", "1h30m")
watch { "nginx", limits = { { "wchar", above = "1MB/s", hold = "3x" } } }
-- SPDX-License-Identifier: MIT
