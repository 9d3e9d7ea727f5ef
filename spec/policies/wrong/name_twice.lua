-- POLICY:2: watch: name: the first values hold a name already
watch { "nginx", name = "n*" }
