-- POLICY:2: watch: limits: cpu: above is missing (want a share of one core, e.g. "80%", or for a total a time, e.g. "10m")
watch { "nginx", limits = { { "cpu", hold = "30s" } } }
-- SPDX-License-Identifier: MIT
