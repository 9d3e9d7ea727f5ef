-- POLICY:2: kill: unknown key 'most'
watch { "nginx", on_idle = kill { most = 3 } }
