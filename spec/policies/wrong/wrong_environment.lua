-- POLICY:2: run: env: bad name "A=B" (want e.g. LANG)
watch { "nginx", on_idle = run { "make", env = { ["A=B"] = "1" } } }
-- SPDX-License-Identifier: MIT
