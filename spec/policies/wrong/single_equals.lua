-- POLICY:2: 'then' expected near '='
if args[1] = "x" then end
-- SPDX-License-Identifier: MIT
