-- POLICY:2: quit: bad status 256 (want 0 to 255)
quit(256)
-- SPDX-License-Identifier: MIT
