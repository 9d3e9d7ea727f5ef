-- POLICY:2: nice: bad value nothing (want -20 to 19)
watch { "nginx", on_idle = nice() }
-- SPDX-License-Identifier: MIT
