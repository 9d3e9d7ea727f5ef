-- POLICY:2: ionice: bad level 8 (want 0 to 7)
watch { "nginx", on_idle = ionice("best-effort", 8) }
-- SPDX-License-Identifier: MIT
