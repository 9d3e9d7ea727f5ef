-- POLICY:2: watch: limits: on_over: bad action 7 (want a function, a command or a list)
watch { "nginx", limits = { { "wchar", above = "1MB/s", on_over = 7 } } }
-- SPDX-License-Identifier: MIT
