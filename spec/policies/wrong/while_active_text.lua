-- POLICY:2: watch: while_active: want a table, got a string (did you mean { "make" }?)
watch { "nginx", while_active = "make" }
-- SPDX-License-Identifier: MIT
