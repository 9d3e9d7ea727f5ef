-- POLICY:2: watch: unit: bad value "" (want a string that is not empty)
watch { unit = "" }
-- SPDX-License-Identifier: MIT
