-- POLICY:2: sleep: bad duration nothing (want e.g. "30s", "1h30m")
watch { "x", on_idle = { sleep(), kill {} } }
-- SPDX-License-Identifier: MIT
