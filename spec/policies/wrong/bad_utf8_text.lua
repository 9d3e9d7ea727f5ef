-- POLICY:2: unexpected symbol near '<\255>'
watch { "nginx", ÿþ = 1 }
-- SPDX-License-Identifier: MIT
