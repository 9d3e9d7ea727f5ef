-- POLICY:2: wait_exit: bad duration "5x" (want e.g. "30s", "1h30m")
watch { "x", on_idle = { signal = 1, wait_exit "5x", kill {} } }
-- SPDX-License-Identifier: MIT
