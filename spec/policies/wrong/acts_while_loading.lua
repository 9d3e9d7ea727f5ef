-- POLICY:2: run: no action runs while the policy loads (want a handler, or after)
run "make" ()
-- SPDX-License-Identifier: MIT
