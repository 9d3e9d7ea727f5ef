-- POLICY:2: notify: no action runs while the policy loads (want a handler, or after)
notify "up" ()
-- SPDX-License-Identifier: MIT
