-- POLICY:2: watch: port: bad port 80.5 (want 1 to 65535)
watch { port = 80.5 }
-- SPDX-License-Identifier: MIT
