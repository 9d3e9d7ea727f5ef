-- POLICY:2: run: nothing is done while the policy loads (want a handler or after)
every("10s", run "make" ())
