-- POLICY:2: kill: grace: bad duration "0s" (want more than zero)
watch { "nginx", on_idle = kill { grace = "0s" } }
-- SPDX-License-Identifier: MIT
