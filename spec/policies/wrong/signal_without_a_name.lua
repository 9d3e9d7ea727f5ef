-- POLICY:2: signal: bad signal nothing (want e.g. "TERM")
watch { "nginx", on_idle = signal() }
-- SPDX-License-Identifier: MIT
