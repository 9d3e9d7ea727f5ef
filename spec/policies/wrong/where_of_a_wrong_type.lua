-- POLICY:2: watch: where: bad value "root" (want a function of the process)
watch { "nginx", where = "root" }
-- SPDX-License-Identifier: MIT
