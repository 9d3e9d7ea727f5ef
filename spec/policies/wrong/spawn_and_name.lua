-- POLICY:2: watch: spawn: starts its own process, so no name can be given
watch { name = "nginx", spawn = { "nginx" } }
-- SPDX-License-Identifier: MIT
