-- POLICY:2: after: bad duration a table (want e.g. "30s", "1h30m")
after { "10s", "make" }
-- SPDX-License-Identifier: MIT
