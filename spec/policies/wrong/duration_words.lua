-- POLICY:2: watch: idle: bad duration "an hour" (want e.g. "30s", "1h30m")
watch { "nginx", idle = "an hour" }
-- SPDX-License-Identifier: MIT
