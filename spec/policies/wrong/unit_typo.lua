-- POLICY:2: watch: idle: bad duration "10 sec" (did you mean "10s"?)
watch { "nginx", idle = "10 sec" }
-- SPDX-License-Identifier: MIT
