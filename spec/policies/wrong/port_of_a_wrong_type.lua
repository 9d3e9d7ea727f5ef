-- POLICY:2: watch: port: bad port "http" (want 1 to 65535, or e.g. "udp:53")
watch { port = "http" }
-- SPDX-License-Identifier: MIT
