-- POLICY:2: watch: floor: a rate without a kind (want e.g. io = "4KB/s")
watch { "nginx", floor = { "4KB/s" } }
-- SPDX-License-Identifier: MIT
