-- POLICY:2: watch: floor: bad floor "-1KB/s" for io (want bytes over time, e.g. "4KB/s")
watch { "nginx", floor = { io = "-1KB/s" } }
-- SPDX-License-Identifier: MIT
