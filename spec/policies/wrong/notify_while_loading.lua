-- POLICY:2: notify: nothing is done while the policy loads (want a handler or after)
notify "up" ()
