-- POLICY:2: watch: on_idle: bad action 7 (want a function, a command or a list)
watch { "nginx", on_idle = { "make", { "test", 7 } } }
-- SPDX-License-Identifier: MIT
