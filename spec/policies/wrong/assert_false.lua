-- POLICY:2: assertion failed!
assert(false)
-- SPDX-License-Identifier: MIT
