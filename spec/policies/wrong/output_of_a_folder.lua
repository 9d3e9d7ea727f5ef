-- POLICY:2: run: output: bad value "/tmp/" (want "terminal", "log", "null" or a path such as "/tmp/log")
watch { "nginx", on_idle = run { "true", output = "/tmp/" } }
-- SPDX-License-Identifier: MIT
