-- POLICY:2: watch: which processes? (want a name, a pid, or a key such as cmd, user or unit)
watch { on_idle = "make" }
-- SPDX-License-Identifier: MIT
