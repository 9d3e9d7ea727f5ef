-- POLICY:2: watch: idle: bad duration true (want e.g. "30s", "1h30m")
watch { "nginx", idle = true }
-- SPDX-License-Identifier: MIT
