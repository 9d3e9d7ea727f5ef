-- POLICY:3: unknown name 'intervall' (did you mean 'interval'?)
local interval = "5s"
watch { "nginx", every = intervall }
-- SPDX-License-Identifier: MIT
