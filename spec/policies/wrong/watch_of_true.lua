-- POLICY:2: watch: bad target true (want a name glob or a pid)
watch { true }
-- SPDX-License-Identifier: MIT
