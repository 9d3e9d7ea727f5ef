-- POLICY:2: watch: unknown key 'onIdle' (did you mean 'on_idle'?)
watch { "nginx", onIdle = "make" }
-- SPDX-License-Identifier: MIT
