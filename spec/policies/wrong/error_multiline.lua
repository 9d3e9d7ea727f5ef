-- POLICY:2: one\ntwo
error "one\ntwo"
-- SPDX-License-Identifier: MIT
