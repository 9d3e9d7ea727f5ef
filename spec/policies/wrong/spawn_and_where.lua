-- POLICY:2: watch: spawn: starts its own process, so no where can be given
watch { spawn = { "true" }, where = print }
-- SPDX-License-Identifier: MIT
