-- POLICY:2: watch: bad cgroup "system.slice": it does not begin with a slash
watch { cgroup = "system.slice" }
-- SPDX-License-Identifier: MIT
