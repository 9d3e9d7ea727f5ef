-- POLICY:2: stack overflow
local function again() return 1 + again() end
again()
-- SPDX-License-Identifier: MIT
