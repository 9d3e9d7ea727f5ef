-- POLICY:2: protect: 2 values (want one, or a table of them)
protect("a", "b") watch { "x" }
-- SPDX-License-Identifier: MIT
