-- POLICY:2: watch: limits: write: hold: above is a total, which only grows (want a rate for this key)
watch { "nginx", limits = { { "wchar", above = "10GB", hold = "30s" } } }
-- SPDX-License-Identifier: MIT
