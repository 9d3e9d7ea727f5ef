-- POLICY:2: watch: name: the first values already hold a name
watch { "nginx", name = "n*" }
