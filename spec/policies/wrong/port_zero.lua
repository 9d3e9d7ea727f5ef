-- POLICY:2: watch: port: bad port 0 (want 1 to 65535)
watch { port = 0 }
-- SPDX-License-Identifier: MIT
