-- POLICY:2: run: 2 values (want one, or a table of them)
watch { "nginx", on_idle = run("make", "all") }
-- SPDX-License-Identifier: MIT
