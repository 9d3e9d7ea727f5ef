-- POLICY:4: watch: unknown key 'limit' (did you mean 'limits'?)
watch { "nginx" }

watch { "backup", limit = { { "write_bytes", above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
