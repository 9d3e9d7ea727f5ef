-- POLICY:2: watch: want a table, got a string
watch "nginx"
