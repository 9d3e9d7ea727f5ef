-- POLICY:2: watch: unknown key a table
watch { "nginx", [{}] = "make" }
-- SPDX-License-Identifier: MIT
