-- POLICY:2: ionice: bad value "idel" (want "idle" or "best-effort" or "realtime")
watch { "nginx", on_idle = ionice "idel" }
-- SPDX-License-Identifier: MIT
