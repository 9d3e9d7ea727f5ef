-- POLICY:2: protect: bad value 812 (want a string that is not empty)
protect { "postgres", 812 }
-- SPDX-License-Identifier: MIT
