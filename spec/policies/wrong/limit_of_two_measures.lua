-- POLICY:2: watch: limits: more than one measure (want a limit for each)
watch { "nginx", limits = { { "rchar", "wchar", above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
