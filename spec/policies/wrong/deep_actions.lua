-- POLICY:4: watch: on_idle: lists of actions in lists without an end
local list = { "make" }
for _ = 1, 1000000 do list = { list } end
watch { "nginx", on_idle = list }
