-- POLICY:2: log: bad argument #2 to 'string.format' (number expected, got string)
watch { "nginx", on_idle = log("%d", "x") }
-- SPDX-License-Identifier: MIT
