-- POLICY:2: watch: floor: unknown key 'call' (did you mean 'calls'?)
watch { "nginx", floor = { call = "20/s" } }
-- SPDX-License-Identifier: MIT
