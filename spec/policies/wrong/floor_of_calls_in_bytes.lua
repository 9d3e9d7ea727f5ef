-- POLICY:2: watch: floor: bad floor "4KB/s" for calls (want a count over time, e.g. "20/s")
watch { "nginx", floor = { calls = "4KB/s" } }
-- SPDX-License-Identifier: MIT
