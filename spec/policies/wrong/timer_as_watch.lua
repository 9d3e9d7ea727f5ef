-- POLICY:2: watch: bad target a timer (want a name glob or a pid)
watch { every("1s", "make") }
-- SPDX-License-Identifier: MIT
