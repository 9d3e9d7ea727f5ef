-- POLICY:2: find: unknown key 'nmae' (did you mean 'name'?)
find { nmae = "x" }
-- SPDX-License-Identifier: MIT
