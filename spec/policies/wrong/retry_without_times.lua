-- POLICY:2: run: retry: times is missing (want e.g. times = 3)
watch { "nginx", on_idle = run { "true", retry = { backoff = "1s" } } }
-- SPDX-License-Identifier: MIT
