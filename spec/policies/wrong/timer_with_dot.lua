-- POLICY:3: stop: called without its object (want timer:stop(), with a colon)
local beat = every("1s", "make")
beat.stop()
-- SPDX-License-Identifier: MIT
