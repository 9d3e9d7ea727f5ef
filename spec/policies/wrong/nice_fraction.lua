-- POLICY:2: nice: bad value 1.5 (want -20 to 19)
watch { "nginx", on_idle = nice(1.5) }
-- SPDX-License-Identifier: MIT
