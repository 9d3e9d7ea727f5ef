-- POLICY:2: run: busy: bad value "skp" (want "skip" or "queue")
watch { "nginx", on_idle = run { "make", busy = "skp" } }
