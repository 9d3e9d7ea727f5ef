-- POLICY:2: watch: unknown key 'on_idel' (did you mean 'on_idle'?)
watch { "nginx", on_idel = "make" }
-- SPDX-License-Identifier: MIT
