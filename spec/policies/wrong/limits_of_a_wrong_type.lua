-- POLICY:2: watch: limits: bad value "50MB/s" (want { { "write_bytes", above = "50MB/s" } })
watch { "nginx", limits = "50MB/s" }
