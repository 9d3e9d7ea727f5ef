-- POLICY:2: watch: per: bad value "proces" (want "tree" or "process" or "all" or "name" or "user" or "unit")
watch { "nginx", per = "proces" }
-- SPDX-License-Identifier: MIT
