-- POLICY:2: watch: on_idle: value 2 of the list is nothing
watch { "nginx", on_idle = { "make", nil, "test" } }
-- SPDX-License-Identifier: MIT
