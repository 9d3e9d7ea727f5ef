-- POLICY:2: watch: on_idle: bad action a timer (want a function, a command or a list)
watch { "nginx", on_idle = after("1s", "make") }
-- SPDX-License-Identifier: MIT
