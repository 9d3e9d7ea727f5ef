-- POLICY:2: unexpected symbol near '='
local x = = 2
-- SPDX-License-Identifier: MIT
