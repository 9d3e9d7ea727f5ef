-- POLICY:2: watch: idle: bad duration "-5" (want e.g. "30s", "1h30m")
watch { "nginx", idle = -5 }
-- SPDX-License-Identifier: MIT
