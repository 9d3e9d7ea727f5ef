-- POLICY:2: run: retry: backoff: bad duration "0s" (want more than zero)
watch { "nginx", on_idle = run { "true", retry = { times = 3, backoff = "0s" } } }
-- SPDX-License-Identifier: MIT
