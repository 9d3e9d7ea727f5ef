-- POLICY:2: watch: on_idle: bad action true (want a function, a command or a list)
watch { "nginx", on_idle = true }
-- SPDX-License-Identifier: MIT
