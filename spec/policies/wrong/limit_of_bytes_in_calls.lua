-- POLICY:2: watch: limits: write: above: bad value "20/s" (want a rate, e.g. "50MB/s", or for a total a size, e.g. "10GB")
watch { "nginx", limits = { { "wchar", above = "20/s" } } }
-- SPDX-License-Identifier: MIT
