-- POLICY:2: watch: counts: an empty list (want at least one value)
watch { "nginx", counts = {} }
-- SPDX-License-Identifier: MIT
