-- POLICY:2: watch: spawn: unknown key 'busy'
watch { spawn = { "true", busy = "queue" } }
-- SPDX-License-Identifier: MIT
