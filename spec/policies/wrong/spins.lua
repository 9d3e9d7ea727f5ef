-- POLICY:2: policy computed for more than 1s without waiting (--budget)
while true do end
-- SPDX-License-Identifier: MIT
