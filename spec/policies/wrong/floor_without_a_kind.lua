-- POLICY:2: watch: floor: bad value 4KB/s (want e.g. { io = "4KB/s", calls = "20/s", net = "100B/s", cpu = "1%" })
watch { "nginx", floor = "4KB/s" }
-- SPDX-License-Identifier: MIT
