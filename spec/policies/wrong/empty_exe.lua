-- POLICY:2: watch: exe: bad value "" (want a string that is not empty)
watch { exe = "" }
-- SPDX-License-Identifier: MIT
