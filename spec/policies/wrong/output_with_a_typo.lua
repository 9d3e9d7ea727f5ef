-- POLICY:2: run: output: bad value "lgo" (want "terminal", "log", "null" or a path such as "/tmp/log")
watch { "nginx", on_idle = run { "true", output = "lgo" } }
-- SPDX-License-Identifier: MIT
