-- POLICY:2: notify: bad format (want a string, got nothing)
watch { "nginx", on_idle = notify() }
-- SPDX-License-Identifier: MIT
