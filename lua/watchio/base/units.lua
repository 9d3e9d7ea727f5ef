-- SPDX-License-Identifier: MIT
-- Units of time in nanoseconds, which the engine uses. Policies, handlers and reports use seconds.
local units = { MICROSECOND = 1000, MILLISECOND = 1000000, SECOND = 1000000000 }

units.MINUTE = 60 * units.SECOND
units.HOUR = 60 * units.MINUTE

return units
