-- POLICY:2: sleep 1s never runs (want it as the value of a handler, e.g. on_idle)
sleep "1s"
after("2s", log "x")
-- SPDX-License-Identifier: MIT
