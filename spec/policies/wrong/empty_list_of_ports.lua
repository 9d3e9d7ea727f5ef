-- POLICY:2: watch: port: an empty list (want at least one value)
watch { port = {} }
-- SPDX-License-Identifier: MIT
