-- POLICY:2: log: bad format (want a string, got nothing)
watch { "nginx", on_idle = log(nil) }
-- SPDX-License-Identifier: MIT
