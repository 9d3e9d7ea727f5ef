-- POLICY:2: watch: limits: an empty list (want at least one value)
watch { "nginx", limits = {} }
-- SPDX-License-Identifier: MIT
