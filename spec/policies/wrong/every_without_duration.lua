-- POLICY:2: every: bad duration nothing (want e.g. "30s", "1h30m")
every(nil, "make")
-- SPDX-License-Identifier: MIT
