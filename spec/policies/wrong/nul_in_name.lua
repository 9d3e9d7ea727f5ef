-- POLICY:2: watch: bad target "a\x00b" (want a name glob or a pid)
watch { "a\0b" }
-- SPDX-License-Identifier: MIT
