-- POLICY:3: defaults: unknown key 'name'
watch { "nginx" }
defaults { name = "nginx" }
-- SPDX-License-Identifier: MIT
