-- POLICY:2: watch: while_active: every: bad duration 0 (want at least 10ms)
watch { "nginx", while_active = { every = 0, "make" } }
-- SPDX-License-Identifier: MIT
