-- POLICY:2: run make is never done (want it as the value of a handler, e.g. on_idle)
run "make"
