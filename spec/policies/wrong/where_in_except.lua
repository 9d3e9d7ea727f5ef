-- POLICY:2: watch: except: unknown key 'where'
watch { "nginx", except = { where = print } }
-- SPDX-License-Identifier: MIT
