-- POLICY:4: watch: on_idle: lists of actions nested more than 16 deep
local list = { "make" }
for _ = 1, 1000000 do list = { list } end
watch { "nginx", on_idle = list }
-- SPDX-License-Identifier: MIT
