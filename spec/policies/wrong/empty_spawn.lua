-- POLICY:2: watch: spawn: an empty command
watch { spawn = {} }
