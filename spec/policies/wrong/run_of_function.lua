-- POLICY:2: run: want a table, got a function
watch { "nginx", on_idle = run(function() end) }
-- SPDX-License-Identifier: MIT
