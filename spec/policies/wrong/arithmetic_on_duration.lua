-- POLICY:3: attempt to mul a 'string' with a 'number'
local every = "5s"
watch { "nginx", every = every * 2 }
-- SPDX-License-Identifier: MIT
