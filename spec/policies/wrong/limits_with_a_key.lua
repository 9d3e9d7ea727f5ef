-- POLICY:2: watch: limits: a limit where a list of them belongs (want { { "disk_write", above = "50MB/s" } })
watch { "nginx", limits = { write_bytes = "50MB/s" } }
-- SPDX-License-Identifier: MIT
