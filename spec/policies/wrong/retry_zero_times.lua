-- POLICY:2: run: retry: times: bad value 0 (want 1 to 1000)
watch { "nginx", on_idle = run { "true", retry = { times = 0 } } }
-- SPDX-License-Identifier: MIT
