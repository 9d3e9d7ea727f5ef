-- POLICY:1: watches nothing (want at least one watch { … }, after or every)
local x = 1; print(x)
-- SPDX-License-Identifier: MIT
