-- POLICY:2: '}' expected near 'idle'
watch { "nginx" idle = "1h" }
-- SPDX-License-Identifier: MIT
