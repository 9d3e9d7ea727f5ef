-- POLICY:2: watch: every: bad duration "1ms" (want at least 10ms)
watch { "nginx", every = "1ms" }
-- SPDX-License-Identifier: MIT
