-- POLICY:2: watch: floor: bad floor 1 for cpu (want a share of one core, e.g. "1%")
watch { "nginx", floor = { cpu = 1 } }
-- SPDX-License-Identifier: MIT
