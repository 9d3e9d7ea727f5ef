-- POLICY:2: watch: limits: no measure (want e.g. { { "disk_write", above = "50MB/s" } })
watch { "nginx", limits = { { above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
