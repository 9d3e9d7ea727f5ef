-- POLICY:2: module 'no.such.module' not found (neither beside the policy nor installed)
local site = require "no.such.module"
-- SPDX-License-Identifier: MIT
