-- POLICY:2: watch: on_idle: the verb stop is not called (want stop(…))
watch { "nginx", on_idle = { stop, "x" } }
-- SPDX-License-Identifier: MIT
