-- POLICY:2: signal: bad signal 65 (want e.g. "TERM")
watch { "nginx", on_idle = signal(65) }
-- SPDX-License-Identifier: MIT
