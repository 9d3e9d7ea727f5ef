-- POLICY:2: kill: unknown key 'mots' (did you mean 'most'?)
watch { "nginx", on_idle = kill { mots = 3 } }
-- SPDX-License-Identifier: MIT
