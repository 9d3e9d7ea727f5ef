-- POLICY:2: watch: counts: bad value "disk" (want "io" or "net" or "cpu")
watch { "nginx", counts = { "io", "disk" } }
-- SPDX-License-Identifier: MIT
