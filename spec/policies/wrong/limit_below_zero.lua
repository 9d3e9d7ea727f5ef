-- POLICY:2: watch: limits: write: above: bad value -1 (want a rate, e.g. "50MB/s", or for a total a size, e.g. "10GB")
watch { "nginx", limits = { { "wchar", above = -1 } } }
-- SPDX-License-Identifier: MIT
