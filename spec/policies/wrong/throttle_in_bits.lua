-- POLICY:2: throttle: disk_write: bad value "20Mbit/s" (want a rate, e.g. "50MB/s")
watch { "rsync", on_start = throttle { disk_write = "20Mbit/s" } }
-- SPDX-License-Identifier: MIT
