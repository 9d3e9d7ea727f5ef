-- POLICY:2: watch: idle: bad duration "5ss" (want e.g. "30s", "1h30m")
watch { "nginx", idle = "5ss" }
-- SPDX-License-Identifier: MIT
