-- POLICY:2: watch: unknown key 'throttle' (it is an action: on_start = throttle { … })
watch { "rsync", throttle = { disk_write = "20MB/s" } }
-- SPDX-License-Identifier: MIT
