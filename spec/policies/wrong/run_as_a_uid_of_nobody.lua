-- POLICY:2: run: user: no user has the uid 3999999
watch { "nginx", on_idle = run { "true", user = 3999999 } }
-- SPDX-License-Identifier: MIT
