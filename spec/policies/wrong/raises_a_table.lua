-- POLICY:2: error object (refused)
error(setmetatable({}, { __tostring = function() return "refused" end }))
-- SPDX-License-Identifier: MIT
