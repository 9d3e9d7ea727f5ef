-- POLICY:2: watch: which processes? (want a name, a pid, cmd, user or spawn)
watch { on_idle = "make" }
