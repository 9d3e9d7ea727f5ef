-- POLICY:2: watch: port: bad port 65536 (want 1 to 65535, or e.g. "udp:53")
watch { port = { 80, 65536 } }
-- SPDX-License-Identifier: MIT
