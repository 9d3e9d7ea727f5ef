-- POLICY:2: watch: except: unknown key 'nmae' (did you mean 'name'?)
watch { "nginx", except = { nmae = "x" } }
-- SPDX-License-Identifier: MIT
