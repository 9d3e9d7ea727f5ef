-- POLICY:2: watch: idle: bad duration "-9223372036854775808" (want e.g. "30s", "1h30m")
watch { "nginx", idle = math.maxinteger + 1 }
-- SPDX-License-Identifier: MIT
