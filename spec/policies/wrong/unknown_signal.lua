-- POLICY:2: kill: signal: unknown signal "TREM" (did you mean 'TERM'?)
watch { "nginx", on_idle = kill { signal = "TREM" } }
-- SPDX-License-Identifier: MIT
