-- POLICY:2: watch: port: bad port 80.5 (want 1 to 65535, or e.g. "udp:53")
watch { port = 80.5 }
-- SPDX-License-Identifier: MIT
