-- POLICY:2: watch: unknown key 5
watch { "nginx", nil, 12, [5] = "x" }
-- SPDX-License-Identifier: MIT
