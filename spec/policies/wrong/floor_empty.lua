-- POLICY:2: watch: floor: an empty table (want e.g. io = "4KB/s")
watch { "nginx", floor = {} }
-- SPDX-License-Identifier: MIT
