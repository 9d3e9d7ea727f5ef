-- POLICY:2: watch: unknown key 'Idle' (did you mean 'idle'?)
watch { "nginx", Idle = "1h" }
-- SPDX-License-Identifier: MIT
