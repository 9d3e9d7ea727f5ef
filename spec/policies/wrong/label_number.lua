-- POLICY:2: watch: label: bad value 3 (want a string that is not empty)
watch { "nginx", label = 3 }
-- SPDX-License-Identifier: MIT
