-- POLICY:2: run: unknown key 'time_out' (did you mean 'timeout'?)
watch { "nginx", on_idle = run { "make", time_out = "1s" } }
-- SPDX-License-Identifier: MIT
