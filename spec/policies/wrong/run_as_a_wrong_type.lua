-- POLICY:2: run: user: bad user true (want a name or a uid)
watch { "nginx", on_idle = run { "true", user = true } }
-- SPDX-License-Identifier: MIT
