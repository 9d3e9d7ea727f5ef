-- POLICY:2: watch: user: unknown key 'name' in a list of values
watch { user = { name = "root" } }
-- SPDX-License-Identifier: MIT
