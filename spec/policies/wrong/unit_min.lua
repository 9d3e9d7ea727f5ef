-- POLICY:2: watch: idle: bad duration "10min" (did you mean "10m"?)
watch { "nginx", idle = "10min" }
-- SPDX-License-Identifier: MIT
