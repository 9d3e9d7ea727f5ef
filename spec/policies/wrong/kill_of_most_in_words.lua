-- POLICY:2: kill: most: bad value "ten" (want 1 or more)
watch { "nginx", on_idle = kill { most = "ten" } }
-- SPDX-License-Identifier: MIT
