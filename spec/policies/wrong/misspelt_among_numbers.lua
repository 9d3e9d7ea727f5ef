-- POLICY:3: unknown name 'servr' (did you mean 'server'?)
_G[1], _G[true], server = 'a', 'b', 'c'
watch { servr }
-- SPDX-License-Identifier: MIT
