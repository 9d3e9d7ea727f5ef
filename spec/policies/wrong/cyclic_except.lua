-- POLICY:4: watch: except: bad target a table (want a name glob or a pid)
local list = { "make" }
list[2] = list
watch { "nginx", except = list }
-- SPDX-License-Identifier: MIT
