-- POLICY:2: watch: except: leaves out everything that the other keys match
watch { "nginx", user = "root", except = { "nginx", "cron" } }
-- SPDX-License-Identifier: MIT
