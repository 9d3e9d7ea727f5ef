-- POLICY:2: signal: unknown signal "HPU" (did you mean 'HUP'?)
watch { "nginx", on_idle = signal "HPU" }
-- SPDX-License-Identifier: MIT
