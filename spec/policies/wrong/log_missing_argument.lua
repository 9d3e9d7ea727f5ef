-- POLICY:2: log: bad argument #3 to 'string.format' (no value)
watch { "nginx", on_idle = log("%s and %s", "x") }
-- SPDX-License-Identifier: MIT
