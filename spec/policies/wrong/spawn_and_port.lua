-- POLICY:2: watch: spawn: starts its own process, so no port can be given
watch { spawn = { "true" }, port = 80 }
-- SPDX-License-Identifier: MIT
