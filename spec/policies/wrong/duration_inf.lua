-- POLICY:2: watch: idle: bad duration "inf" (longer than a hundred years)
watch { "nginx", idle = math.huge }
-- SPDX-License-Identifier: MIT
