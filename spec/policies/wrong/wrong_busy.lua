-- POLICY:2: run: busy: bad value "skp" (want "skip" or "queue" or "restart" or "parallel")
watch { "nginx", on_idle = run { "make", busy = "skp" } }
-- SPDX-License-Identifier: MIT
