-- POLICY:2: watch: unknown key 'active' (did you mean 'on_active'?)
watch { "nginx", active = "make" }
-- SPDX-License-Identifier: MIT
