-- POLICY:2: watch: pidfile: cannot read README.md/x (not a directory)
watch { pidfile = "README.md/x" }
-- SPDX-License-Identifier: MIT
