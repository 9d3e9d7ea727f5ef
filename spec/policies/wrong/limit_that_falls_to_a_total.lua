-- POLICY:2: watch: limits: write: below: is a total (want a rate, as above is)
watch { "nginx", limits = { { "wchar", above = "50MB/s", below = "10MB" } } }
-- SPDX-License-Identifier: MIT
