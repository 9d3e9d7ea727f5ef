-- POLICY:2: watch: limits: bad measure 80 (want e.g. "disk_write")
watch { "nginx", limits = { { 80, above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
