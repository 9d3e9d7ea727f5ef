-- POLICY:2: kill: most: bad value 0 (want 1 or more)
watch { "nginx", on_idle = kill { most = 0 } }
-- SPDX-License-Identifier: MIT
