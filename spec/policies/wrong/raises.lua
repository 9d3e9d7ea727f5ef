-- POLICY:2: not today
error("not today", 0)
-- SPDX-License-Identifier: MIT
