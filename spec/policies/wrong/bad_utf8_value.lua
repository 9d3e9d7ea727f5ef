-- POLICY:2: watch: idle: bad duration "\xff\xfe" (want e.g. "30s", "1h30m")
watch { "nginx", idle = "ÿþ" }
-- SPDX-License-Identifier: MIT
