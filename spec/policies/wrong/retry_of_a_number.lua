-- POLICY:2: run: retry: want a table, got 3
watch { "nginx", on_idle = run { "true", retry = 3 } }
-- SPDX-License-Identifier: MIT
