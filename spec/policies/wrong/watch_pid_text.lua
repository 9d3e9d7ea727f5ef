-- POLICY:2: watch: pid: bad pid "12" (want a positive whole number)
watch { pid = "12" }
-- SPDX-License-Identifier: MIT
