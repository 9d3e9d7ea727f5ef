-- POLICY:2: after: bad duration nothing (want e.g. "30s", "1h30m")
after()
-- SPDX-License-Identifier: MIT
