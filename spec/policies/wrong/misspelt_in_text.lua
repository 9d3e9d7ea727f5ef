-- POLICY:3: unknown name 'servr' (did you mean 'server'?)
local server = "nginx"
watch { servr }
-- SPDX-License-Identifier: MIT
