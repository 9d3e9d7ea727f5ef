-- POLICY:2: watch: spawn: bad command "./import.sh" (want a list such as { "make", "all" })
watch { spawn = "./import.sh" }
-- SPDX-License-Identifier: MIT
