-- POLICY:2: after: bad action nothing (want a function, a command or a list)
after("1s")
-- SPDX-License-Identifier: MIT
