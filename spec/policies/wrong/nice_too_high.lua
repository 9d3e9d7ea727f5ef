-- POLICY:2: nice: bad value 40 (want -20 to 19)
watch { "nginx", on_idle = nice(40) }
-- SPDX-License-Identifier: MIT
