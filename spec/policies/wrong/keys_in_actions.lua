-- POLICY:2: watch: on_idle: unknown key 'every' in a list of actions
watch { "nginx", on_idle = { every = "1s", "make" } }
-- SPDX-License-Identifier: MIT
