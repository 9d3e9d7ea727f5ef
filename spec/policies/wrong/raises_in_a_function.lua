-- POLICY:3: attempt to index a nil value (local 't')
local function set(t)
  t.x = 1
end
set(nil)
-- SPDX-License-Identifier: MIT
