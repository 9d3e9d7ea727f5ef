-- POLICY:2: policy computed for more than 1s without waiting (--budget)
print((("a"):rep(100):find(("a*"):rep(20) .. "b")))
-- SPDX-License-Identifier: MIT
