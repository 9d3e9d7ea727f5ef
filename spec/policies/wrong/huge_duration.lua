-- POLICY:2: watch: idle: bad duration "999999999d" (longer than a hundred years)
watch { "nginx", idle = "999999999d" }
-- SPDX-License-Identifier: MIT
