-- POLICY:2: nice: 2 values (want 1)
watch { "nginx", on_idle = nice(10, 20) }
-- SPDX-License-Identifier: MIT
