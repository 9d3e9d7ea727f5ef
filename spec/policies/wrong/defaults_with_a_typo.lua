-- POLICY:2: defaults: unknown key 'idel' (did you mean 'idle'?)
defaults { idel = "5s" }
watch { "nginx" }
-- SPDX-License-Identifier: MIT
