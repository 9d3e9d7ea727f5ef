-- POLICY:2: watch: except: leaves nothing of what is named
watch { "nginx", user = "root", except = { "nginx", "cron" } }
