-- POLICY:2: run: no action runs while the policy loads (want a handler, or after)
every("10s", run "make" ())
-- SPDX-License-Identifier: MIT
