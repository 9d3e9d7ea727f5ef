-- POLICY:2: run: no command (want e.g. run { "make", "all" })
watch { "nginx", on_idle = run {} }
-- SPDX-License-Identifier: MIT
