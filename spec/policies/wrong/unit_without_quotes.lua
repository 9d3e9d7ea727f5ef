-- POLICY:2: malformed number near '1h' (durations are strings: want "1h")
watch { "nginx", idle = 1h }
-- SPDX-License-Identifier: MIT
