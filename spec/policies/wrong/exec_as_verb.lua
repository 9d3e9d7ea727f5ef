-- POLICY:2: unknown name 'exec' (want run { … })
watch { "nginx", on_idle = exec "ls" }
-- SPDX-License-Identifier: MIT
