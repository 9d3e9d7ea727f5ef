-- POLICY:2: watch: while_active: every is missing (want e.g. every = "10m")
watch { "nginx", while_active = { "make" } }
-- SPDX-License-Identifier: MIT
