-- POLICY:2: kill: signal: bad signal 99 (want e.g. "TERM")
watch { "nginx", on_idle = kill { signal = 99 } }
-- SPDX-License-Identifier: MIT
