-- POLICY:2: watch: want a table, got nothing
watch(nil)
-- SPDX-License-Identifier: MIT
