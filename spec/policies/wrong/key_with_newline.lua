-- POLICY:2: watch: unknown key 'on\nidle' (did you mean 'on_idle'?)
watch { "nginx", ["on\nidle"] = "make" }
-- SPDX-License-Identifier: MIT
