-- POLICY:2: quit: bad status "now" (want 0 to 255)
quit "now"
-- SPDX-License-Identifier: MIT
