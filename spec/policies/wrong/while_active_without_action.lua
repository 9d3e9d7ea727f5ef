-- POLICY:2: watch: while_active: there is no action
watch { "nginx", while_active = { every = "1s" } }
-- SPDX-License-Identifier: MIT
