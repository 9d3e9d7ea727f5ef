-- POLICY:2: watch: bad glob "[": a [ is not closed
watch { "[" }
-- SPDX-License-Identifier: MIT
