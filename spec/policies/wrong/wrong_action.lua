-- POLICY:2: watch: on_idle: bad action 3 (want a function, a command or a list)
watch { "nginx", on_idle = 3 }
-- SPDX-License-Identifier: MIT
