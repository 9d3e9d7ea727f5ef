-- POLICY:2: watch: limits: unknown key 'on_ovr' (did you mean 'on_over'?)
watch { "nginx", limits = { { "wchar", above = "1MB/s", on_ovr = "true" } } }
-- SPDX-License-Identifier: MIT
