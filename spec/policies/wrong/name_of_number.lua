-- POLICY:2: watch: name: bad value 12 (want a string that is not empty)
watch { name = 12 }
-- SPDX-License-Identifier: MIT
