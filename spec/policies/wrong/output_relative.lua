-- POLICY:2: run: output: bad value "make.log" (want "terminal", "log", "null" or a path such as "/tmp/log")
watch { "nginx", on_idle = run { "true", output = "make.log" } }
-- SPDX-License-Identifier: MIT
