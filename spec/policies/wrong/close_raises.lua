-- POLICY:2: variable 'x' got a non-closable value
local x <close> = 42
-- SPDX-License-Identifier: MIT
