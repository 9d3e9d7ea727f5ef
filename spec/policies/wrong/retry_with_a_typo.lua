-- POLICY:2: run: retry: unknown key 'time' (did you mean 'times'?)
watch { "nginx", on_idle = run { "true", retry = { time = 3 } } }
-- SPDX-License-Identifier: MIT
