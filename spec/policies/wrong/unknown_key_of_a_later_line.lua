-- POLICY:4: watch: unknown key 'limits'
watch { "nginx" }

watch { "backup", limits = { { "write_bytes", above = "50MB/s" } } }
