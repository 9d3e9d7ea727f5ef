-- POLICY:2: watch: limits: unknown measure 'write_byte' (did you mean 'write_bytes'?)
watch { "nginx", limits = { { "write_byte", above = "50MB/s" } } }
