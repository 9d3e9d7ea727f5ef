-- POLICY:2: notify: bad format (want a string, got a nil)
watch { "nginx", on_idle = notify() }
