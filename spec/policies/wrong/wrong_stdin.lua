-- POLICY:2: run: stdin: bad value "xml" (want "json")
watch { "nginx", on_idle = run { "true", stdin = "xml" } }
-- SPDX-License-Identifier: MIT
