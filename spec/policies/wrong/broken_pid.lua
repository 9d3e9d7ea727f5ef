-- POLICY:2: watch: pid: bad pid 1.5 (want a positive whole number)
watch { pid = { 1.5 } }
-- SPDX-License-Identifier: MIT
