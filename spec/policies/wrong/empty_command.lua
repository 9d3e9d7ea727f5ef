-- POLICY:2: watch: on_idle: an empty command
watch { "nginx", on_idle = " " }
-- SPDX-License-Identifier: MIT
