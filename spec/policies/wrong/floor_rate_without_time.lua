-- POLICY:2: watch: floor: bad floor "4KB" for io (want bytes over time, e.g. "4KB/s")
watch { "nginx", floor = { io = "4KB" } }
-- SPDX-License-Identifier: MIT
