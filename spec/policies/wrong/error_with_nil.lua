-- POLICY:2: error object (nil)
error()
-- SPDX-License-Identifier: MIT
