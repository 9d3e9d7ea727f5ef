-- POLICY:2: watch: spawn: unknown key 'evn' (did you mean 'env'?)
watch { spawn = { "true", evn = { A = "b" } } }
-- SPDX-License-Identifier: MIT
