-- POLICY:4: watch: on_idle: lists of actions in lists without an end
local list = { "make" }
list[2] = list
watch { "nginx", on_idle = list }
