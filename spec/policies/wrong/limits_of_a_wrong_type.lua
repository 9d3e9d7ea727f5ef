-- POLICY:2: watch: limits: bad value "50MB/s" (want { { "disk_write", above = "50MB/s" } })
watch { "nginx", limits = "50MB/s" }
-- SPDX-License-Identifier: MIT
