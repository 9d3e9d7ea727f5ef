-- POLICY:2: watch: unknown key 'on_idle' in a list of values
watch { { "nginx", on_idle = "make" } }
-- SPDX-License-Identifier: MIT
