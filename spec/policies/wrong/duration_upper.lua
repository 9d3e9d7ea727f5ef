-- POLICY:2: watch: idle: bad duration "10M" (did you mean "10m"?)
watch { "nginx", idle = "10M" }
-- SPDX-License-Identifier: MIT
