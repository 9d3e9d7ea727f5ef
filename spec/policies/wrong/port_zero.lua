-- POLICY:2: watch: port: bad port 0 (want 1 to 65535, or e.g. "udp:53")
watch { port = 0 }
-- SPDX-License-Identifier: MIT
