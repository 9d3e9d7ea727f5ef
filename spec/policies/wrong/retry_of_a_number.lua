-- POLICY:2: run: retry: want a table, got a number
watch { "nginx", on_idle = run { "true", retry = 3 } }
