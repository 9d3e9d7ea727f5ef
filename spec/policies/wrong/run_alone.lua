-- POLICY:2: run make never runs (want it as the value of a handler, e.g. on_idle)
run "make"
-- SPDX-License-Identifier: MIT
