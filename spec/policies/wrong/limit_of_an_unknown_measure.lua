-- POLICY:2: watch: limits: unknown measure 'write_byte' (did you mean 'write_bytes'?); measures are read write read_calls write_calls disk_read disk_write disk_cancelled net_rx net_tx cpu
watch { "nginx", limits = { { "write_byte", above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
