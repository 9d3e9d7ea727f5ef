-- POLICY:2: unknown name 'poll' (want watch; poll is for programs)
poll({ "nginx" }, { timeout = 10 })
-- SPDX-License-Identifier: MIT
