-- POLICY:2: run: bad argument a table (want a string)
watch { "nginx", on_idle = run { { "make" } } }
-- SPDX-License-Identifier: MIT
