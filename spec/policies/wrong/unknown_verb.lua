-- POLICY:2: unknown verb 'wach' (did you mean 'watch'?)
wach { "nginx" }
-- SPDX-License-Identifier: MIT
