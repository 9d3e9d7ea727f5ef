-- POLICY:2: io.popen blocks every rule (want run "…")
io.popen "make"
-- SPDX-License-Identifier: MIT
