-- POLICY:2: watch: bad unit "a/b": a unit's name has no slashes and no blanks
watch { unit = "a/b" }
-- SPDX-License-Identifier: MIT
