-- POLICY:2: watch: idle: bad duration "" (want e.g. "30s", "1h30m")
watch { "nginx", idle = "" }
-- SPDX-License-Identifier: MIT
