-- POLICY:2: watch: idle: bad duration "0s" (want more than zero)
watch { "nginx", idle = "0s" }
-- SPDX-License-Identifier: MIT
