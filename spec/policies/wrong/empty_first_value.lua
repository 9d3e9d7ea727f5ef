-- POLICY:2: watch: bad target "" (want a name glob or a pid)
watch { "" }
-- SPDX-License-Identifier: MIT
