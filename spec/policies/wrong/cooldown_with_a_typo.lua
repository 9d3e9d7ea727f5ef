-- POLICY:2: run: unknown key 'cooldwon' (did you mean 'cooldown'?)
watch { "nginx", on_idle = run { "true", cooldwon = "1m" } }
-- SPDX-License-Identifier: MIT
