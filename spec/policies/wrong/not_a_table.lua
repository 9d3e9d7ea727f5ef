-- POLICY:2: watch: want a table, got a string (did you mean { "nginx" }?)
watch "nginx"
-- SPDX-License-Identifier: MIT
