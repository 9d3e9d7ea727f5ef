-- POLICY:2: /no/such/file: No such file or directory
assert(io.open("/no/such/file"))
-- SPDX-License-Identifier: MIT
