-- POLICY:2: watch: on_idle: bad action a watch (want a function, a command or a list)
watch { "nginx", on_idle = watch { "cron" } }
-- SPDX-License-Identifier: MIT
