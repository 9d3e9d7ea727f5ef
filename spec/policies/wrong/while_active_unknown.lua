-- POLICY:2: watch: while_active: unknown key 'evry' (did you mean 'every'?)
watch { "nginx", while_active = { evry = "10m", "make" } }
-- SPDX-License-Identifier: MIT
