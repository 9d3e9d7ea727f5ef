-- POLICY:2: watch: bad cgroup "/system.slice/../user.slice": it has dots for names
watch { cgroup = "/system.slice/../user.slice" }
-- SPDX-License-Identifier: MIT
