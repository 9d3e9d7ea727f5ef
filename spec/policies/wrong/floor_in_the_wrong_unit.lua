-- POLICY:2: watch: floor: bad floor "20/s" for io (want bytes over time, e.g. "4KB/s")
watch { "nginx", floor = { io = "20/s" } }
-- SPDX-License-Identifier: MIT
