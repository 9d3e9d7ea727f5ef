-- POLICY:2: protect: bad glob "[": a [ is not closed
protect { "[" }
-- SPDX-License-Identifier: MIT
