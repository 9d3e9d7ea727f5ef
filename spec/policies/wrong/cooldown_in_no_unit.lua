-- POLICY:2: run: cooldown: bad duration "10x" (want e.g. "30s", "1h30m")
watch { "nginx", on_idle = run { "true", cooldown = "10x" } }
-- SPDX-License-Identifier: MIT
