-- POLICY:2: '}' expected near 'make'
watch { "nginx, on_idle = "make" }
-- SPDX-License-Identifier: MIT
