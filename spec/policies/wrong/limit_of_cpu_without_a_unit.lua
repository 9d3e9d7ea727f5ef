-- POLICY:2: watch: limits: cpu: above: bad value "80" (want a share of one core, e.g. "80%", or for a total a time, e.g. "10m")
watch { "nginx", limits = { { "cpu", above = "80" } } }
-- SPDX-License-Identifier: MIT
