-- POLICY:4: watch: on_idle: lists of actions nested more than 16 deep
local list = { "make" }
list[2] = list
watch { "nginx", on_idle = list }
-- SPDX-License-Identifier: MIT
