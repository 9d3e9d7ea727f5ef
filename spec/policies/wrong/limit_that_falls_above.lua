-- POLICY:2: watch: limits: write: below: is more than above (want at most that)
watch { "nginx", limits = { { "wchar", above = "50MB/s", below = "60MB/s" } } }
-- SPDX-License-Identifier: MIT
