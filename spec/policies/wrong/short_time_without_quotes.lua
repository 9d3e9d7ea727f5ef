-- POLICY:2: malformed number near '2.5m' (durations are strings: want "2.5ms")
watch { "nginx", every = 2.5ms }
-- SPDX-License-Identifier: MIT
