-- POLICY:2: watch: limits: write_calls: above: bad value "50MB/s" (want a rate, e.g. "20/s", or for a total a number)
watch { "nginx", limits = { { "syscw", above = "50MB/s" } } }
-- SPDX-License-Identifier: MIT
