-- POLICY:2: watch: pidfile: spec is a directory (want a file)
watch { pidfile = "spec" }
-- SPDX-License-Identifier: MIT
