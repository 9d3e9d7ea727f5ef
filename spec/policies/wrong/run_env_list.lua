-- POLICY:2: run: env: bad name 1 (want e.g. LANG)
watch { "nginx", on_idle = run { "make", env = { "A=1" } } }
-- SPDX-License-Identifier: MIT
