-- POLICY:3: watch: every: bad duration "3x" (want e.g. "30s", "1h30m")
local every = "3x"
watch { "nginx", every = every }
-- SPDX-License-Identifier: MIT
