-- POLICY:2: ionice: the class idle has no level
watch { "nginx", on_idle = ionice("idle", 3) }
-- SPDX-License-Identifier: MIT
