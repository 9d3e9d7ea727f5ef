-- POLICY:2: run: want a table, got nothing
watch { "nginx", on_idle = run() }
-- SPDX-License-Identifier: MIT
