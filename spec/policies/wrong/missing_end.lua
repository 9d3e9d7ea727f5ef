-- POLICY:2: unexpected symbol near '}'
watch { "nginx", on_idle = function(target) print(target.name) }
-- SPDX-License-Identifier: MIT
