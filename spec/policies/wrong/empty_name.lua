-- POLICY:2: watch: name: bad value "" (want a string that is not empty)
watch { name = "" }
-- SPDX-License-Identifier: MIT
