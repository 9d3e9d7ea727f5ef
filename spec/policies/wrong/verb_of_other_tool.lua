-- POLICY:2: unknown name 'spawn' (want watch { spawn = { "command" } })
spawn { "nginx" }
-- SPDX-License-Identifier: MIT
