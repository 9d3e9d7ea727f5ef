-- POLICY:2: watch: limits: write: on_under: above is a total, which only grows (want a rate for this key)
watch { "nginx", limits = { { "wchar", above = "10GB", on_under = "true" } } }
-- SPDX-License-Identifier: MIT
