-- POLICY:2: signal: 2 values (want 1)
watch { "nginx", on_idle = signal("HUP", "TERM") }
-- SPDX-License-Identifier: MIT
