-- POLICY:2: protect: an empty list (want at least one value)
protect {}
-- SPDX-License-Identifier: MIT
