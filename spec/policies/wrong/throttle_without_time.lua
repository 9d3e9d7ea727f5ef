-- POLICY:2: throttle: disk_write: bad value "20 mb" (did you mean "20MB/s"?)
watch { "rsync", on_start = throttle { disk_write = "20 mb" } }
-- SPDX-License-Identifier: MIT
