-- POLICY:2: defaults: want a table, got a string
defaults "1s"
-- SPDX-License-Identifier: MIT
