-- POLICY:2: malformed number near '50M' (amounts are strings: want "50MB")
watch { "nginx", limits = { { "write_bytes", above = 50MB, on_over = "true" } } }
-- SPDX-License-Identifier: MIT
