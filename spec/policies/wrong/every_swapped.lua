-- POLICY:2: every: bad duration an action (want e.g. "30s", "1h30m")
every(run "make", "10s")
-- SPDX-License-Identifier: MIT
