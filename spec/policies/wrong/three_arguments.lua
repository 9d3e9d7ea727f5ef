-- POLICY:2: after: 3 values (want 2)
after("10s", "make", "all")
-- SPDX-License-Identifier: MIT
