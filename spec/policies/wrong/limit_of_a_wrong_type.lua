-- POLICY:2: watch: limits: bad limit 7 (want e.g. { { "disk_write", above = "50MB/s" } })
watch { "nginx", limits = { { "wchar", above = 1 }, 7 } }
-- SPDX-License-Identifier: MIT
