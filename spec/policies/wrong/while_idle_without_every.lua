-- POLICY:2: watch: while_idle: every is missing (want e.g. every = "10m")
watch { "nginx", while_idle = { run "date" } }
-- SPDX-License-Identifier: MIT
