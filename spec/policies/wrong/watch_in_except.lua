-- POLICY:2: watch: except: bad target a watch (want a name glob or a pid)
watch { "nginx", except = watch { "cron" } }
-- SPDX-License-Identifier: MIT
