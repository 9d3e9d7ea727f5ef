-- POLICY:2: watch: on_idle: an empty command
watch { "nginx", on_idle = " " }
