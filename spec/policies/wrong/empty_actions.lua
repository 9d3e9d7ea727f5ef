-- POLICY:2: watch: on_idle: an empty list of actions
watch { "nginx", on_idle = {} }
-- SPDX-License-Identifier: MIT
