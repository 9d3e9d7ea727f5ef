-- POLICY:2: watch: limits: bad measure 80 (want e.g. "write_bytes")
watch { "nginx", limits = { { 80, above = "50MB/s" } } }
