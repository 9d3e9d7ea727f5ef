-- POLICY:2: run: user: unknown user "no-such-user"
watch { "nginx", on_idle = run { "true", user = "no-such-user" } }
-- SPDX-License-Identifier: MIT
